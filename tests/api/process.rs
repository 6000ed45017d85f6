//! The program itself: its commands, its settings, its start and its end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};

use reqwest::Method;

use crate::support::database::Database;
use crate::support::{Answer, PASSWORD, json};

/// Base64 of 32 bytes that look random and are no secret of anybody.
const SECRET: &str = "8J+lv+7mOGbGMq5l1zTnHjUjq1b7wJ5oYwqkR8CkYxg=";

pub(crate) fn command(database: &Database, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shared-office"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SHARED_OFFICE_")) {
        command.env_remove(name);
    }
    command.env("SHARED_OFFICE_ATTACHMENTS", &database.attachments);
    command.args(arguments).env("DATABASE_URL", &database.url).env("SHARED_OFFICE_LISTEN", "127.0.0.1:0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A running service; ended with the test.
struct Service {
    child: Child,
    address: String,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    fn start(command: &mut Command) -> Self {
        shared_office::integration::attachments::blobs::install_tls();
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("a first line").unwrap();
        let ready: serde_json::Value = serde_json::from_str(&first).expect("one JSON line");
        assert_eq!(ready["event"], "ready");
        Self { child, address: ready["address"].as_str().unwrap().to_owned(), lines }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<serde_json::Value>) -> Answer {
        let mut request = reqwest::Client::new().request(method, format!("{}{path}", self.address));
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        Answer::of(request, path.to_owned()).await
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

#[actix_web::test]
async fn serve_demo_fills_an_empty_database_and_prints_logins_and_calls() {
    let database = Database::empty().await;
    let mut service =
        Service::start(command(&database, &["serve", "--demo"]).env("SHARED_OFFICE_DEMO_PASSWORD", PASSWORD));
    let login = json!({"username": "an.nv", "password": PASSWORD});
    service.ask(Method::POST, "/v1/auth/token", Some(login)).await.expect(200);
    let printed: Vec<String> = service.lines.by_ref().take(19).map(Result::unwrap).collect();
    let printed = printed.join("\n");
    assert!(printed.contains(PASSWORD) && printed.contains("duong.ntt"), "{printed}");
    assert_eq!(printed.matches("curl -s").count(), 3, "{printed}");
}

#[actix_web::test]
async fn sigterm_lets_requests_in_flight_finish() {
    let database = Database::copy().await;
    let mut service = Service::start(&mut command(&database, &["serve"]));
    let login = |name: &str| {
        let body = json!({"username": name, "password": PASSWORD});
        service.ask(Method::POST, "/v1/auth/token", Some(body))
    };
    // Hashing takes its time: when the first of eight is answered, the others are under way.
    let names = ["an.nv", "linh.n", "ha.lt", "lan.ht", "bich.tt", "khoi.vm", "nam.ld", "vinh.pt"];
    let all: Vec<_> = names.into_iter().map(|name| Box::pin(login(name))).collect();
    let (first, _, others) = futures_util::future::select_all(all).await;
    service.terminate();
    first.expect(200);
    for answer in futures_util::future::join_all(others).await {
        answer.expect(200);
    }
    assert!(service.child.wait().unwrap().success());
}

#[actix_web::test]
async fn production_refuses_to_start_without_a_strong_secret_and_names_the_variable() {
    let database = Database::copy().await;
    for secret in [
        "",
        "c2hvcnQ=",
        "not base64 at all!",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "Y2hhbmdlLW1lLWNoYW5nZS1tZS1jaGFuZ2UtbWUtMTIzNA==",
    ] {
        let mut command = command(&database, &["serve"]);
        let output =
            run(command.env("SHARED_OFFICE_PROFILE", "production").env("SHARED_OFFICE_SECRET", secret), "");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains("SHARED_OFFICE_SECRET"), "{secret:?}: {told}");
        assert!(output.stdout.is_empty(), "no ready line");
    }
    let mut good = command(&database, &["serve"]);
    let service =
        Service::start(good.env("SHARED_OFFICE_PROFILE", "production").env("SHARED_OFFICE_SECRET", SECRET));
    service.ask(Method::GET, "/readyz", None).await.expect(200);
}

#[actix_web::test]
async fn unusable_settings_are_refused_with_their_name() {
    let database = Database::copy().await;
    for (name, value) in [
        ("SHARED_OFFICE_LISTN", "127.0.0.1:0"),
        ("SHARED_OFFICE_LISTEN", "localhost"),
        ("SHARED_OFFICE_PROFILE", "prod"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("SHARED_OFFICE_READ_DATABASE_URL", "sqlite://x"),
        ("SHARED_OFFICE_LOG", "a=b=c"),
        ("SHARED_OFFICE_ATTACHMENTS", "/proc/no/such/place"),
        ("SHARED_OFFICE_ATTACHMENT_BYTES", "0"),
        ("SHARED_OFFICE_ATTACHMENTS_PER_RECORD", "many"),
    ] {
        let output = run(command(&database, &["check-config"]).env(name, value), "");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(name), "{name}={value}: {told}");
    }
    let demo = run(
        command(&database, &["serve", "--demo"])
            .env("SHARED_OFFICE_PROFILE", "production")
            .env("SHARED_OFFICE_SECRET", SECRET),
        "",
    );
    assert!(String::from_utf8_lossy(&demo.stderr).contains("--demo"));
    assert!(run(&mut command(&database, &["check-config"]), "").status.success());
}

#[actix_web::test]
async fn the_first_administrator_is_made_once() {
    let database = Database::empty().await;
    let weak = run(&mut command(&database, &["create-admin", "quan.tri"]), "short\n");
    assert!(!weak.status.success());
    let made = run(&mut command(&database, &["create-admin", "quan.tri"]), &format!("{PASSWORD}\n"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let again = run(&mut command(&database, &["create-admin", "nguoi.khac"]), &format!("{PASSWORD}\n"));
    assert!(!again.status.success());
    let service = Service::start(&mut command(&database, &["serve"]));
    let login = json!({"username": "quan.tri", "password": PASSWORD});
    service.ask(Method::POST, "/v1/auth/token", Some(login)).await.expect(200);
}

#[actix_web::test]
async fn a_key_is_issued_from_the_command_line_and_printed_alone() {
    let database = Database::copy().await;
    let issue = |account: &str, days: &str| {
        run(&mut command(&database, &["issue-key", "--account", account, "--days", days]), "")
    };
    let name = "Kế toán – kéo dữ liệu hằng đêm";
    assert!(!issue(name, "366").status.success());
    let unknown = issue("nobody", "30");
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("nobody"));
    let issued = issue(name, "30");
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    let key = String::from_utf8(issued.stdout).unwrap();
    let service = Service::start(&mut command(&database, &["serve"]));
    let ask = reqwest::Client::new().get(format!("{}/v1/me", service.address)).bearer_auth(key.trim_end());
    let me = Answer::of(ask, "who am I".to_owned()).await.expect(200);
    assert_eq!(me["service_account"]["name"], name);
}

#[actix_web::test]
async fn healthcheck_tells_whether_the_service_can_work() {
    let database = Database::copy().await;
    let service = Service::start(&mut command(&database, &["serve"]));
    let listen = service.address.trim_start_matches("http://").to_owned();
    let ask = || {
        run(command(&database, &["healthcheck"]).env("SHARED_OFFICE_LISTEN", &listen), "").status.success()
    };
    assert!(ask());
    drop(service);
    assert!(!ask());
}

#[actix_web::test]
async fn processes_that_start_at_once_migrate_once() {
    let database = Database::empty().await;
    let children: Vec<Child> = (0..4).map(|_| command(&database, &["migrate"]).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(run(&mut command(&database, &["check-config"]), "").status.success());
}
