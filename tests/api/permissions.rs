//! Who may do what, tried: every operation of the document by every role, on a record of the caller's own
//! board, on one of another board, and on one that never existed. The result is a table that is read in
//! every review: `permissions.txt` beside this file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Client, Office, contract, file_for, id};

/// One person for each role; in the roles of a board they belong to the organisation board.
const PEOPLE: [(&str, &str); 11] = [
    ("visitor", ""),
    ("admin", "lg_matrix_admin"),
    ("chief_of_office", "linh.n"),
    ("chief_accountant", "bich.tt"),
    ("cashier", "lan.ht"),
    ("dispatcher", "lg_matrix_dispatcher"),
    ("auditor", "quang.lm"),
    ("board_head", "phuoc.dh"),
    ("requester", "duong.ntt"),
    ("driver", "loc.tv"),
    ("accountant", "ha.lt"),
];

const OWN: &str = "btctu";
const OTHER: &str = "ubkttu";

/// A demo record of the own board and one of another board for each path parameter; directory records, which
/// belong to no board, have the same twice.
fn fixtures(parameter: &str) -> (Uuid, Uuid) {
    let (own, other) = match parameter {
        "board_id" => ("btctu", "ubkttu"),
        "user_id" => ("lg_bli", "lg_bli"),
        "service_account_id" => ("sa_nightly", "sa_nightly"),
        "calendar_feed_id" => ("cal_duong", "cal_duong"),
        "staff_id" => ("p_duong", "p_vinh"),
        "accountant_id" => ("p_ha/accountant", "p_dung/accountant"),
        "assignment_id" => ("aa_btctu_2018", "aa_ubkttu_2018"),
        "vehicle_id" => ("v_hiace", "v_hiace"),
        "norm_id" => ("fn_hiace_1", "fn_hiace_1"),
        // Refuels of trips for the two boards; statements are the office's.
        "refuel_id" => ("tl_01/fuel/0", "tl_02/fuel/0"),
        "statement_id" => ("fs_innova_105_2025_11", "fs_innova_105_2025_11"),
        "price_id" => ("fp_petrol_20250424", "fp_petrol_20250424"),
        "tolerance_id" => ("ft_2019", "ft_2019"),
        "rate_table_id" => ("TT12-2025", "TT12-2025"),
        "rate_id" => ("st_task_refusal_window_days", "st_task_refusal_window_days"),
        "driver_id" => ("dr_truong", "dr_truong"),
        "downtime_id" => ("vd_hiace", "vd_hiace"),
        "absence_id" => ("da_truong", "da_truong"),
        "paper_id" => ("v_hiace/inspection", "v_hiace/inspection"),
        "service_id" => ("vs_hiace_oil", "vs_hiace_oil"),
        "booking_id" => ("vb_06", "vb_07"),
        "trip_id" => ("do_06", "do_02"),
        "correction_id" => ("oc_innova_105", "oc_innova_105"),
        "rule_id" => ("driver_hours_2019", "driver_hours_2019"),
        "order_id" => ("to_2025_btctu_jun", "to_2025_ubkttu_oct"),
        "claim_id" => ("ec_03", "ec_07"),
        "attachment_id" => ("at_ec_13", "at_ec_07"),
        "payment_id" => ("ec_03/payment", "ec_01/payment"),
        "advance_id" => ("ad_01", "ad_02"),
        "sub_item_id" => ("si_6752", "si_6752"),
        "expense_kind_id" => ("ek_other", "ek_other"),
        "budget_line_id" => ("bl_2025_btctu_13_6702", "bl_2025_ubkttu_13_6702"),
        "entry_id" => ("bl_2025_btctu_13_6702/appropriation", "bl_2025_ubkttu_13_6702/appropriation"),
        // An import is of the whole office.
        "import_id" => ("bi_2046", "bi_2046"),
        "transfer_id" => ("tr_2025_2", "tr_2025_1"),
        "budget_year_id" => ("by_2019", "by_2019"),
        "conference_id" => ("cf_2025_btctu", "gd_2025_bnctu"),
        "unit_id" => ("vptu_tong_hop", "vptu_tong_hop"),
        "duty_id" => ("vehicle_booking", "vehicle_booking"),
        "template_id" => ("conference_standard", "conference_standard"),
        "reception_id" => ("rc_2029_btctu", "gd_2025_bnctu"),
        "task_id" => ("tk_2025_btctu_03", "tk_2025_bnctu_01"),
        // Reviews are the office's.
        "review_id" => ("rv_2019", "rv_2019"),
        "obstacle_id" => ("ob_2029_reported", "ob_2029_ubkttu"),
        "measure_id" => ("ms_2029_proposed", "ms_2029_ubkttu"),
        other => panic!("a new path parameter {other}: name a demo record of {OWN} and one of another board"),
    };
    (id(own), id(other))
}

/// What is tried, and on which record.
struct Attempt {
    operation: String,
    method: Method,
    template: String,
    action: String,
    body: Option<Value>,
    /// The body is a file instead: its media type and its bytes.
    file: Option<(String, Vec<u8>)>,
}

#[actix_web::test]
async fn every_role_reaches_exactly_what_the_table_says() {
    let attempts = attempts();
    // operation -> verdict -> roles
    let mut table: BTreeMap<String, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for (role, login) in PEOPLE {
        let office = Office::open().await;
        let client = sign_in(&office, role, login).await;
        for attempt in &attempts {
            let answers = try_everywhere(&client, attempt).await;
            if answers[1].status == 404 {
                assert_eq!(
                    answers[1].text, answers[2].text,
                    "{} tells {role} that the record exists",
                    attempt.operation
                );
            }
            table.entry(attempt.row()).or_default().entry(verdict(&answers)).or_default().push(role);
        }
        office.close().await;
    }
    let mut text = String::from(
        "# Own board / other board / no such record. `yes` means that who is asking does not stand in the way.\n",
    );
    for (row, verdicts) in table {
        let _ = writeln!(text, "{row}");
        for (verdict, roles) in verdicts {
            let _ = writeln!(text, "    {verdict:<12} {}", roles.join(" "));
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/permissions.txt");
    if std::env::var_os("UPDATE_PERMISSIONS").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    let differences: Vec<_> =
        text.lines().zip(expected.lines()).filter(|(now, then)| now != then).take(10).collect();
    assert!(
        text == expected,
        "the permissions are not those of tests/api/permissions.txt: {differences:#?}\n\
         if the change is meant, run with UPDATE_PERMISSIONS=1 and read the difference"
    );
}

/// Every operation of the document; deletions last, and signing out after everything else.
fn attempts() -> Vec<Attempt> {
    let document = contract::document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push(Attempt {
                operation: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                template: path.clone(),
                action: operation["x-action"].as_str().unwrap().to_owned(),
                body: example(document, operation),
                file: file_for(operation),
            });
        }
    }
    all.sort_by_key(|attempt| match (attempt.operation.as_str(), attempt.method.as_str()) {
        ("log_out", _) => 2,
        (_, "DELETE") => 1,
        _ => 0,
    });
    all
}

fn example(document: &Value, operation: &Value) -> Option<Value> {
    let media = operation["requestBody"]["content"].as_object()?.values().next()?;
    let name = media["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    document["components"]["schemas"][name]["examples"].get(0).cloned()
}

impl Attempt {
    fn row(&self) -> String {
        format!("{} ({})", self.operation, self.action)
    }
}

/// On a record of the own board, of another board, and on one that never existed.
async fn try_everywhere(client: &Client, attempt: &Attempt) -> [Answer; 3] {
    let never = Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_0bad);
    let mut answers = Vec::new();
    for scope in 0..3 {
        let mut path = attempt.template.clone();
        while let Some((before, rest)) = path.clone().split_once('{') {
            let (parameter, after) = rest.split_once('}').unwrap();
            let value = match (parameter, scope) {
                ("code", _) => "not-found".to_owned(),
                ("feed_name", _) => format!("cal_{}.ics", "A".repeat(43)),
                (_, 0) => fixtures(parameter).0.to_string(),
                (_, 1) => fixtures(parameter).1.to_string(),
                _ => never.to_string(),
            };
            path = format!("{before}{value}{after}");
        }
        let board = match scope {
            1 => id(OTHER),
            2 => never,
            _ => id(OWN),
        };
        // The body of a creation speaks of the own board; let it speak of the others too.
        let creation = !attempt.template.contains('{');
        let body = attempt.body.as_ref().map(|body| {
            if !creation {
                return body.clone();
            }
            serde_json::from_str(&body.to_string().replace(&id(OWN).to_string(), &board.to_string())).unwrap()
        });
        let claim = [id("ec_13"), id("ec_07"), never][scope];
        let query = match attempt.operation.as_str() {
            "list_vehicle_availability" => "?from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z".to_owned(),
            "get_review_figures" => "?from=2025-01-01&to=2025-12-31".to_owned(),
            "list_attachments" => format!("?owner_type=expense_claim&owner_id={claim}"),
            "create_attachment" => {
                format!("?owner_type=expense_claim&owner_id={claim}&kind=photo&file_name=matrix.pdf")
            }
            "create_budget_import" => "?year=2029&file_name=matrix.csv".to_owned(),
            _ => String::new(),
        };
        let headers = [("If-Match", "*"), ("X-Request-Id", "matrix")];
        let address = format!("{path}{query}");
        answers.push(match &attempt.file {
            Some((media_type, bytes)) => client.send_file(&address, media_type, bytes, &headers).await,
            None => client.send(attempt.method.clone(), &address, body, &headers).await,
        });
    }
    answers.try_into().unwrap_or_else(|_| unreachable!("three scopes"))
}

/// `yes` for whatever is not refused because of who is asking.
fn verdict(answers: &[Answer; 3]) -> String {
    let cell = |answer: &Answer| match answer.status {
        401 | 403 | 404 => answer.status.to_string(),
        422 if answer.text.contains("unknown_reference") => "422".to_owned(),
        500.. => panic!("{} {}", answer.status, answer.text),
        _ => "yes".to_owned(),
    };
    answers.iter().map(cell).collect::<Vec<_>>().join("/")
}

/// Roles that nobody in the demo office has alone get a login of their own.
async fn sign_in(office: &Office, role: &str, login: &str) -> Client {
    if login.is_empty() {
        return office.visitor();
    }
    if !login.starts_with("lg_matrix") {
        return office.login(login);
    }
    let admin = office.login("kien.ht");
    let username = format!("only.{role}");
    let person = json!({"employee_code": username, "full_name": format!("Chỉ {role}")});
    let person = office.login("an.nv").post("/v1/staff", person).await.expect(201);
    let body = json!({"username": username, "password": crate::support::PASSWORD, "staff_id": person["id"]});
    let user = admin.post("/v1/users", body).await.expect(201);
    let grant = format!("/v1/users/{}/grant-role", user["id"].as_str().unwrap());
    admin.post(&grant, json!({"role": role, "valid_from": "2025-01-01"})).await.expect(200);
    office.login(&username)
}
