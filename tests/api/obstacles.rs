//! Obstacles: reported by anybody of a board, owned by one, and gone only when somebody else says so.

use chrono::TimeDelta;
use entity::obstacles::ObstacleStatus;
use futures_util::future::{join, join_all};
use sea_orm::{ActiveEnum, ConnectionTrait, Iterable, Statement};
use shared_office::obstacles::rules::STEPS;

use crate::support::dispatch::{allowed, broken, history, with};
use crate::support::obstacles::{OBSTACLES, accepted, address, agreed, done, report, reported, resolved};
use crate::support::{Answer, Client, Office, Value, id, json};

fn demo(reference: &str) -> String {
    format!("{OBSTACLES}/{}", id(reference))
}

fn task(reference: &str) -> String {
    format!("/v1/conference-tasks/{}", id(reference))
}

/// The ids in a list, sorted.
async fn listed(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{OBSTACLES}?limit=200&{query}")).await.expect(200);
    let items = page["items"].as_array().unwrap();
    let mut ids: Vec<_> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[actix_web::test]
async fn an_obstacle_goes_from_its_reporter_to_its_owner_and_back() {
    let office = Office::open().await;
    let (reporter, chief) = (office.login("duong.ntt"), office.login("an.nv"));
    let obstacle = reporter.post(OBSTACLES, report()).await.expect(201);
    assert!(obstacle["number"].as_str().unwrap().starts_with("OB-2025-"), "{obstacle}");
    assert_eq!((&obstacle["status"], &obstacle["raised_on"]), (&json!("reported"), &json!("2025-12-12")));
    assert_eq!(obstacle["waiting_on"]["role"], "chief_of_office");
    assert_eq!(allowed(&obstacle), ["withdraw"]);
    let path = address(OBSTACLES, &obstacle);

    let owner = json!({"owner_id": id("p_phuoc"), "due_on": "2026-01-31"});
    reporter.post(&format!("{path}/accept"), owner.clone()).await.refused(403, "forbidden");
    office.login("phuoc.dh").post(&format!("{path}/accept"), owner.clone()).await.refused(403, "forbidden");
    let taken = chief.act(&path, "accept", owner).await.expect(200);
    let waits = &taken["waiting_on"];
    assert_eq!((&waits["role"], &waits["staff"]), (&json!("owner"), &json!([id("p_phuoc")])));
    assert_eq!(waits["due_at"], "2026-01-31T17:00:00Z", "the last day counts to its end");

    done(&office, &path).await;
    let owner = office.login("phuoc.dh");
    let seen = owner.get(&path).await.expect(200);
    assert_eq!((&seen["status"], allowed(&seen)), (&json!("in_action"), vec!["resolve"]));
    let resolution = json!({"resolution": "Đã chốt một ngày chung"});
    chief.post(&format!("{path}/resolve"), resolution.clone()).await.refused(403, "forbidden");
    let told = owner.act(&path, "resolve", resolution).await.expect(200);
    assert_eq!(
        (&told["status"], &told["resolution"]),
        (&json!("resolved"), &json!("Đã chốt một ngày chung"))
    );
    assert_eq!(told["waiting_on"]["staff"], json!([id("p_duong")]));
    // The owner heads the reporter's board, and does not judge their own work.
    owner.post(&format!("{path}/verify"), json!({})).await.refused(403, "four_eyes");
    office.login("hanh.nt").post(&format!("{path}/verify"), json!({})).await.refused(403, "forbidden");
    let gone = reporter.act(&path, "verify", json!({})).await.expect(200);
    assert_eq!((&gone["status"], &gone["waiting_on"]), (&json!("verified"), &Value::Null));
    assert_eq!((&gone["verified_by_id"], &gone["verified_at"]), (&json!(id("p_duong")), &gone["updated_at"]));
    let told = ["create", "accept", "begin-action", "resolve", "verify"];
    assert_eq!(history(&reporter, &path).await, told);
}

#[actix_web::test]
async fn anybody_of_a_board_reports_for_it_and_hears_everything_that_is_wrong() {
    let office = Office::open().await;
    // A driver has no role in the office's board, but works there.
    let own = json!({"board_id": id("vptu"), "board_ids": [], "area": "vehicles", "resource_type": "vehicle",
        "resource_id": id("v_innova_086")});
    let driver = office.login("tu.dc");
    let of_office = driver.post(OBSTACLES, with(report(), own)).await.expect(201);
    assert_eq!(of_office["board_ids"], json!([id("vptu")]), "the reporting board unless others are named");
    driver.get(&address(OBSTACLES, &of_office)).await.expect(200);
    // The accountant in charge reports for the board that they look after.
    office.login("ha.lt").post(OBSTACLES, report()).await.expect(201);
    for stranger in ["vinh.pt", "loc.tv"] {
        let refused = office.login(stranger).post(OBSTACLES, report()).await;
        assert_eq!(broken(&refused), ["#/board_id unknown_reference"], "{stranger}");
    }
    office.login("quang.lm").post(OBSTACLES, report()).await.refused(403, "forbidden");

    let wrong = json!({
        "board_ids": [id("btctu"), id("btctu"), id("btgtu"), id("nowhere")], "raised_on": "2025-12-13",
        "resource_type": "expense_claim", "resource_id": id("ec_07"),
    });
    let refused = office.login("duong.ntt").post(OBSTACLES, with(report(), wrong)).await;
    let told = [
        "#/board_ids/1 duplicate",
        "#/board_ids/2 board_not_active",
        "#/board_ids/3 unknown_reference",
        "#/raised_on out_of_range",
        "#/resource_id unknown_reference",
    ];
    assert_eq!((refused.status, broken(&refused)), (422, told.map(str::to_owned).to_vec()));
    let half = json!({"resource_id": id("ec_03")});
    let half = office.login("duong.ntt").post(OBSTACLES, with(report(), half)).await;
    assert_eq!(broken(&half), ["#/resource_type required"]);
    let claim = json!({"resource_type": "expense_claim", "resource_id": id("ec_03")});
    office.login("duong.ntt").post(OBSTACLES, with(report(), claim)).await.expect(201);
}

#[actix_web::test]
async fn an_obstacle_of_other_boards_does_not_exist() {
    let office = Office::open().await;
    let path = accepted(&office, json!({})).await;
    let measure = agreed(&office, &path).await;
    let bytes = |answer: Answer| {
        let mut body = answer.refused(404, "not_found");
        body.as_object_mut().unwrap().retain(|name, _| name != "request_id" && name != "instance");
        body.to_string()
    };
    let stranger = office.login("vinh.pt");
    let never = bytes(stranger.get(&demo("never")).await);
    for path in [path.clone(), format!("{path}/history"), measure.clone(), format!("{measure}/history")] {
        assert_eq!(bytes(stranger.get(&path).await), never, "{path}");
    }
    assert_eq!(bytes(stranger.post(&format!("{path}/verify"), json!({})).await), never);
    // The head of another board may consent to measures, but not to one that does not concern them.
    let head = office.login("blam.e");
    assert_eq!(bytes(head.post(&format!("{measure}/consent"), json!({})).await), never);
    let own = path.rsplit('/').next().unwrap().to_owned();
    assert!(!listed(&stranger, "").await.contains(&own));
    // The board that it concerns sees it, and so do its owner and the lead of a measure; chief and auditor see all.
    for who in ["chin.k", "thinh.bd", "kien.ht", "quang.lm", "linh.n"] {
        let client = office.login(who);
        client.get(&path).await.expect(200);
        client.get(&measure).await.expect(200);
        assert!(listed(&client, "").await.contains(&own), "{who}");
    }
    office
        .login("chin.k")
        .post(&format!("{path}/withdraw"), json!({"reason": "x"}))
        .await
        .refused(403, "forbidden");
}

#[actix_web::test]
async fn an_obstacle_is_changed_by_its_reporter_first_and_by_the_chief_later() {
    let office = Office::open().await;
    let (reporter, chief) = (office.login("duong.ntt"), office.login("an.nv"));
    let path = reported(&office, json!({})).await;
    let words = json!({"title": "Giấy mời muộn", "board_ids": [id("btctu")]});
    let changed = reporter.patch(&path, 1, words.clone()).await.expect(200);
    assert_eq!((&changed["title"], &changed["board_ids"]), (&json!("Giấy mời muộn"), &json!([id("btctu")])));
    reporter.patch(&path, 1, words.clone()).await.refused(412, "version_conflict");
    chief.patch(&path, 2, words.clone()).await.refused(403, "forbidden");
    let owner = json!({"owner_id": id("p_linh"), "due_on": "2025-12-12"});
    reporter.patch(&path, 2, owner.clone()).await.refused(403, "forbidden");
    chief.patch(&path, 2, owner.clone()).await.refused(409, "state_conflict");
    // Nobody is put in charge who could never act, or until a day that is past.
    let wrong = json!({"owner_id": id("p_quang"), "due_on": "2025-12-11"});
    let refused = chief.post(&format!("{path}/accept"), wrong).await;
    assert_eq!(broken(&refused), ["#/owner_id cannot_act", "#/due_on out_of_range"]);
    chief.act(&path, "accept", json!({"owner_id": id("p_thinh"), "due_on": "2025-12-12"})).await.expect(200);
    reporter.patch(&path, 3, words).await.refused(409, "state_conflict");
    let moved = chief.patch(&path, 3, owner).await.expect(200);
    assert_eq!((&moved["owner_id"], &moved["status"]), (&json!(id("p_linh")), &json!("accepted")));
}

#[actix_web::test]
async fn every_step_is_refused_in_every_state_that_does_not_have_it() {
    let office = Office::open().await;
    let people = |verb: &str| match verb {
        "accept" | "reject" => "an.nv",
        "resolve" => "thinh.bd",
        _ => "duong.ntt",
    };
    let body = |verb: &str| match verb {
        "accept" => json!({"owner_id": id("p_thinh"), "due_on": "2026-01-31"}),
        "resolve" => json!({"resolution": "Đã xong"}),
        "verify" => json!({}),
        _ => json!({"reason": "Có lý do"}),
    };
    for status in ObstacleStatus::iter() {
        let mut path = String::new();
        for step in STEPS {
            if path.is_empty() || step.from.contains(&status) {
                path = reported(&office, json!({"board_ids": [id("btctu"), id("bnctu")]})).await;
                let to_action: &[&str] = match status {
                    ObstacleStatus::Reported => &[],
                    ObstacleStatus::Rejected => &["reject"],
                    ObstacleStatus::Withdrawn => &["withdraw"],
                    _ => &["accept"],
                };
                let after_action: &[&str] = match status {
                    ObstacleStatus::Resolved => &["resolve"],
                    ObstacleStatus::Verified => &["resolve", "verify"],
                    _ => &[],
                };
                for verb in to_action {
                    office.login(people(verb)).act(&path, verb, body(verb)).await.expect(200);
                }
                if status == ObstacleStatus::InAction || !after_action.is_empty() {
                    done(&office, &path).await;
                }
                for verb in after_action {
                    office.login(people(verb)).act(&path, verb, body(verb)).await.expect(200);
                }
            }
            let reader = office.login("linh.n");
            let before = reader.get(&path).await.expect(200);
            if step.verb == "resolve" && before["owner_id"].is_null() {
                continue;
            }
            assert_eq!(before["status"], status.to_value());
            let answer = office.login(people(step.verb)).act(&path, step.verb, body(step.verb)).await;
            if step.from.contains(&status) {
                assert_eq!(answer.expect(200)["status"], step.to.to_value());
                path = String::new();
                continue;
            }
            let refused = answer.refused(409, "state_conflict");
            assert_eq!(refused["current_status"], status.to_value(), "{}", step.verb);
            assert_eq!(reader.get(&path).await.expect(200), before, "a refused step leaves no trace");
        }
    }
}

#[actix_web::test]
async fn what_comes_back_is_reopened_with_a_reason() {
    let office = Office::open().await;
    let (path, _) = resolved(&office).await;
    let silent = office.login("duong.ntt").post(&format!("{path}/reopen"), json!({})).await;
    assert_eq!((silent.status, silent.places()), (422, vec!["#/reason".to_owned()]));
    office
        .login("thinh.bd")
        .post(&format!("{path}/reopen"), json!({"reason": "x"}))
        .await
        .refused(403, "forbidden");
    let back = json!({"reason": "Tuần này lại muộn"});
    let open = office.login("phuoc.dh").act(&path, "reopen", back.clone()).await.expect(200);
    assert_eq!((&open["status"], &open["resolved_at"]), (&json!("in_action"), &Value::Null));
    assert_eq!(open["decision_reason"], "Tuần này lại muộn");
    // No measure is open, so that the owner may say once more what was done.
    let resolution = json!({"resolution": "Đã nhắc lại hai ban"});
    office.login("thinh.bd").act(&path, "resolve", resolution).await.expect(200);
    office.login("linh.n").act(&path, "verify", json!({})).await.expect(200);
    let open = office.login("duong.ntt").act(&path, "reopen", back).await.expect(200);
    assert_eq!((&open["verified_by_id"], &open["verified_at"]), (&Value::Null, &Value::Null));
    let told = ["create", "accept", "begin-action", "resolve", "reopen", "resolve", "verify", "reopen"];
    assert_eq!(history(&office.login("duong.ntt"), &path).await, told);
}

#[actix_web::test]
async fn a_blocked_task_keeps_its_times_and_goes_on_when_the_obstacle_is_gone() {
    let office = Office::open().await;
    let coordinator = office.login("duong.ntt");
    let (path, _) = resolved(&office).await;
    let obstacle = accepted(&office, json!({})).await;
    let given = json!({
        "conference_id": id("cf_2025_btctu"), "title": "Trưng bày ảnh", "deliverable": "Ảnh đã treo",
        "lead_board_id": id("vptu"), "lead_id": id("p_thinh"), "checker_id": id("p_tuan"),
        "accept_by": "2025-12-15T17:00:00+07:00", "due_at": "2025-12-17T17:00:00+07:00",
    });
    let tasks = join_all([0, 1].map(|_| coordinator.post("/v1/conference-tasks", given.clone()))).await;
    let tasks: Vec<String> =
        tasks.iter().map(|task| address("/v1/conference-tasks", &task.expect(201))).collect();
    let before = coordinator.get(&tasks[0]).await.expect(200);
    let because = json!({"obstacle_id": obstacle.rsplit('/').next(), "reason": "Chưa có danh sách"});
    let block = |task: &str| format!("{task}/block");
    // The checker and the chief of office see the task, and it is not theirs.
    for who in ["tuan.ca", "an.nv"] {
        office.login(who).post(&block(&tasks[0]), because.clone()).await.refused(403, "forbidden");
    }
    office.login("vinh.pt").post(&block(&tasks[0]), because.clone()).await.refused(404, "not_found");
    let over = json!({"obstacle_id": path.rsplit('/').next()});
    let refused = coordinator.post(&block(&tasks[0]), over).await;
    assert_eq!(broken(&refused), ["#/obstacle_id obstacle_not_open"]);
    let hidden = json!({"obstacle_id": id("ob_2029_ubkttu")});
    let refused = coordinator.post(&block(&tasks[0]), hidden).await;
    assert_eq!(broken(&refused), ["#/obstacle_id unknown_reference"]);

    let stuck = office.login("thinh.bd").act(&tasks[0], "block", because.clone()).await.expect(200);
    coordinator.act(&tasks[1], "block", because.clone()).await.expect(200);
    let flag = |task: &Value| task["blocked_by_obstacle_id"].as_str().map(str::to_owned);
    assert_eq!(flag(&stuck).as_deref(), obstacle.rsplit('/').next());
    for field in ["status", "accept_by", "due_at", "waiting_on", "lead_id", "holders"] {
        assert_eq!(stuck[field], before[field], "blocking changes no {field}");
    }
    assert!(allowed(&stuck).contains(&"unblock") && allowed(&stuck).contains(&"accept"), "{stuck}");
    coordinator.post(&block(&tasks[0]), because.clone()).await.refused(409, "state_conflict");
    let shown = coordinator.get(&obstacle).await.expect(200);
    let mut ids: Vec<_> = tasks.iter().map(|task| task.rsplit('/').next().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(shown["blocked_task_ids"], json!(ids));
    // Who sees the obstacle and not the tasks is not told of them.
    assert_eq!(office.login("hanh.nt").get(&obstacle).await.expect(200)["blocked_task_ids"], json!([]));
    let list = format!("/v1/conference-tasks?conference_id={}", id("cf_2025_btctu"));
    let count = async |query: &str| {
        let page = coordinator.get(&format!("{list}&limit=100{query}")).await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((count("&blocked=true").await, count("&blocked=false").await + 2), (2, count("").await));

    // The clock runs on: a silent task is escalated although it is blocked.
    office.set_clock("2025-12-15T17:00:00+07:00");
    office.run_jobs().await;
    let silent = coordinator.get(&tasks[0]).await.expect(200);
    assert!(silent["escalated_at"].is_string() && flag(&silent).is_some(), "{silent}");
    coordinator.act(&tasks[1], "unblock", json!({"reason": "Đã có cách khác"})).await.expect(200);
    coordinator.act(&tasks[1], "unblock", json!({})).await.refused(409, "state_conflict");
    coordinator.act(&tasks[1], "block", because).await.expect(200);
    done(&office, &obstacle).await;
    let gone = json!({"resolution": "Đã chốt danh sách"});
    office.login("thinh.bd").act(&obstacle, "resolve", gone).await.expect(200);
    assert!(flag(&coordinator.get(&tasks[0]).await.expect(200)).is_some(), "resolved is not yet verified");
    // What ends is not blocked any more.
    coordinator.act(&tasks[1], "cancel", json!({"reason": "Không cần nữa"})).await.expect(200);
    assert_eq!(flag(&coordinator.get(&tasks[1]).await.expect(200)), None);
    let verified = coordinator.act(&obstacle, "verify", json!({})).await.expect(200);
    assert_eq!(verified["blocked_task_ids"], json!([]));
    assert_eq!(flag(&coordinator.get(&tasks[0]).await.expect(200)), None);
    assert_eq!(history(&coordinator, &tasks[0]).await, ["create", "block", "escalate", "unblock"]);
    let told = ["create", "block", "escalate", "unblock", "block", "cancel"];
    assert_eq!(history(&coordinator, &tasks[1]).await, told);
}

#[actix_web::test]
async fn a_task_is_never_blocked_by_what_ends_at_the_same_moment() {
    let office = Office::open().await;
    let second = office.second_process().await;
    let (lead, reporter) = (office.login_at(&second, "duong.ntt"), office.login("duong.ntt"));
    for _ in 0..4 {
        let path = reported(&office, json!({})).await;
        let body = json!({"obstacle_id": path.rsplit('/').next()});
        let block = format!("{}/block", task("tk_2025_btctu_03"));
        let reason = json!({"reason": "Đã nhầm"});
        let end = format!("{path}/withdraw");
        let (blocked, ended) = join(lead.post(&block, body), reporter.post(&end, reason)).await;
        ended.expect(200);
        assert!(matches!(blocked.status, 200 | 422), "{}", blocked.text);
        let task = reporter.get(&task("tk_2025_btctu_03")).await.expect(200);
        assert_eq!(task["blocked_by_obstacle_id"], Value::Null, "{}", blocked.text);
    }
    for _ in 0..3 {
        let obstacle = accepted(&office, json!({})).await;
        let task = task("tk_2025_btctu_03");
        let because = json!({"obstacle_id": obstacle.rsplit('/').next()});
        reporter.act(&task, "block", because).await.expect(200);
        let before = history(&reporter, &task).await;
        done(&office, &obstacle).await;
        let gone = json!({"resolution": "Đã xong"});
        office.login("thinh.bd").act(&obstacle, "resolve", gone).await.expect(200);
        let (verify, unblock) = (format!("{obstacle}/verify"), format!("{task}/unblock"));
        let (verified, freed) = join(reporter.post(&verify, json!({})), lead.post(&unblock, json!({}))).await;
        verified.expect(200);
        assert!(matches!(freed.status, 200 | 409), "{}", freed.text);
        let told = history(&reporter, &task).await;
        assert_eq!(told[before.len()..], ["unblock"], "whoever came first");
    }
}

#[actix_web::test]
async fn obstacles_are_found_by_what_they_are_about() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let ids = |references: &[&str]| {
        let mut ids: Vec<_> = references.iter().map(|reference| id(reference).to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(listed(&chief, "area=fuel_and_travel&status=in_action").await, ids(&["ob_02"]));
    assert_eq!(listed(&chief, "q=dun%20day").await, ids(&["ob_05"]));
    let review = format!("resource_type=conference&resource_id={}", id("cf_2019_vptu"));
    assert_eq!(listed(&chief, &review).await, ids(&["ob_01", "ob_02", "ob_03", "ob_04", "ob_05"]));
    let of_board = listed(&chief, &format!("board_id={}", id("ubkttu"))).await;
    assert!(
        of_board.contains(&id("ob_2029_ubkttu").to_string()) && of_board.contains(&id("ob_01").to_string())
    );
    assert!(!of_board.contains(&id("ob_2029_ready").to_string()), "{of_board:?}");
    let all = listed(&chief, "").await;
    let (late, in_time) = (listed(&chief, "overdue=true").await, listed(&chief, "overdue=false").await);
    assert_eq!(late.len() + in_time.len(), all.len());
    assert!(late.is_empty(), "the demo's days are still to come: {late:?}");
    office.set_clock("2026-01-01T00:00:00+07:00");
    let chief = office.login("an.nv");
    // The last day counts; what is resolved or not accepted is not late.
    assert_eq!(listed(&chief, "overdue=true").await, ids(&["ob_02", "ob_03", "ob_05"]));
    assert_eq!(chief.get(&demo("ob_02")).await.expect(200)["overdue"], json!(true));
    let owned = format!("owner_id={}&status=resolved", id("p_thinh"));
    assert_eq!(listed(&chief, &owned).await, ids(&["ob_2029_resolved"]));
}

#[actix_web::test]
async fn the_database_itself_keeps_owner_and_verifier_apart() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let (path, _) = resolved(&office).await;
    office.advance(TimeDelta::hours(1));
    office.login("duong.ntt").act(&path, "verify", json!({})).await.expect(200);
    let obstacle: uuid::Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let run = async |sql: &str| {
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [obstacle.into()]);
        db.execute_raw(statement).await.unwrap_err().to_string()
    };
    let own = run("UPDATE obstacles SET verified_by_id = owner_id WHERE id = $1").await;
    assert!(own.contains("obstacles_four_eyes_check"), "{own}");
    let nobody = run("UPDATE obstacles SET owner_id = NULL, due_on = NULL WHERE id = $1").await;
    assert!(nobody.contains("obstacles_owner_check"), "{nobody}");
    let consent = run("UPDATE measure_consents SET note = 'x' WHERE board_id <> $1").await;
    assert!(consent.contains("measure_consents_append_only"), "{consent}");
    let measure = run("UPDATE measures SET judged_by_id = lead_id, judged_at = done_at, status = 'effective' WHERE obstacle_id = $1").await;
    assert!(measure.contains("measures_four_eyes_check"), "{measure}");
}
