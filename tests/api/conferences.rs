//! Conferences and their tasks: one lead at every moment, and nobody gets rid of a task in silence.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::conference_tasks::TaskStatus;
use futures_util::future::{join, join_all};
use sea_orm::{ActiveEnum, ConnectionTrait, Iterable, Statement};
use shared_office::conferences::rules::STEPS;

use crate::support::{Answer, Client, Office, Value, at, id, json};

/// The people around a task of the organisation board's conference: who coordinates, leads, checks, decides.
pub(crate) struct People {
    pub(crate) coordinator: Client,
    pub(crate) lead: Client,
    pub(crate) checker: Client,
    pub(crate) chief: Client,
    /// Coordinates a part of the task.
    pub(crate) helper: Client,
    /// Is asked to take the task over.
    pub(crate) receiver: Client,
}

impl People {
    pub(crate) fn of(office: &Office) -> Self {
        Self {
            coordinator: office.login("duong.ntt"),
            lead: office.login("thinh.bd"),
            checker: office.login("tuan.ca"),
            chief: office.login("an.nv"),
            helper: office.login("phuoc.dh"),
            receiver: office.login("kien.ht"),
        }
    }

    /// Whoever takes a step, as long as nobody else leads.
    pub(crate) fn who(&self, verb: &str) -> &Client {
        match verb {
            "accept" | "object" | "submit-result" => &self.lead,
            "request-hand-over" | "withdraw-hand-over" | "excuse-part" | "reopen-part" => &self.lead,
            "accept-hand-over" | "decline-hand-over" => &self.receiver,
            "report-part" => &self.helper,
            "accept-result" | "send-back" => &self.checker,
            "uphold" | "overrule" => &self.chief,
            _ => &self.coordinator,
        }
    }

    pub(crate) async fn take(&self, task: &str, verb: &str) -> Answer {
        self.who(verb).post(&format!("{task}/{verb}"), body(verb)).await
    }

    pub(crate) async fn take_all(&self, task: &str, verbs: &[&str]) {
        for verb in verbs {
            self.take(task, verb).await.expect(200);
        }
    }
}

pub(crate) fn body(verb: &str) -> Value {
    match verb {
        "accept" | "accept-result" | "accept-hand-over" | "withdraw-hand-over" | "approve-hand-over" => {
            json!({})
        }
        "request-hand-over" => {
            json!({"reason": "Đi học tập trung", "lead_board_id": id("vptu"), "lead_id": id("p_kien")})
        }
        "report-part" => json!({"report": "Đã gửi danh mục"}),
        "excuse-part" | "reopen-part" => {
            json!({"staff_id": id("p_phuoc"), "reason": "Danh mục cũ dùng được"})
        }
        "submit-result" => json!({"result": "Đã treo xong", "evidence": "Biên bản ngày 16/12/2025"}),
        "uphold" => json!({
            "reason": "Ban nắm danh sách", "lead_board_id": id("btctu"), "lead_id": id("p_phuoc"),
            "accept_by": "2026-03-01T17:00:00+07:00", "due_at": "2026-03-10T17:00:00+07:00",
        }),
        _ => json!({"reason": "Chưa đúng việc"}),
    }
}

/// A task led by the administration division, checked by the general division.
pub(crate) fn task() -> Value {
    json!({
        "conference_id": id("cf_2025_btctu"), "title": "Trưng bày ảnh", "deliverable": "Ảnh đã treo",
        "lead_board_id": id("vptu"), "lead_id": id("p_thinh"), "checker_id": id("p_tuan"),
        "coordinators": [{"board_id": id("btctu"), "staff_id": id("p_phuoc"), "deliverable": "Danh mục ảnh"}],
        "accept_by": "2025-12-15T17:00:00+07:00", "due_at": "2025-12-17T17:00:00+07:00",
    })
}

fn conference() -> Value {
    json!({
        "kind": "conference", "name": "Tập huấn nghiệp vụ", "board_id": id("btctu"),
        "starts_at": "2026-01-10T08:00:00+07:00", "ends_at": "2026-01-11T17:00:00+07:00",
        "place": "Hội trường Tỉnh ủy", "delegate_count": 120, "coordinator_id": id("p_duong"),
    })
}

pub(crate) fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

pub(crate) async fn new_task(people: &People) -> String {
    address(&people.coordinator.post("/v1/conference-tasks", task()).await.expect(201))
}

pub(crate) fn address(task: &Value) -> String {
    format!("/v1/conference-tasks/{}", task["id"].as_str().unwrap())
}

pub(crate) fn demo_task(reference: &str) -> String {
    format!("/v1/conference-tasks/{}", id(reference))
}

/// The values of one field in the items of a page.
pub(crate) fn each(page: &Value, field: &str) -> Vec<Value> {
    page["items"].as_array().unwrap().iter().map(|item| item[field].clone()).collect()
}

pub(crate) async fn story(client: &Client, record: &str) -> Vec<Value> {
    each(&client.get(&format!("{record}/history")).await.expect(200), "action")
}

pub(crate) fn may(task: &Value, verb: &str) -> Option<bool> {
    let actions = task["allowed_actions"].as_array().unwrap();
    actions.iter().find(|action| action["action"] == verb).map(|action| action["allowed"] == true)
}

/// The holders tile the open life: from the first moment on, without gap or overlap; somebody holds the task
/// exactly while it is open, and it is the lead. Only a closed task leaves a gap, until it is reopened.
pub(crate) fn assert_tiled(task: &Value) {
    let holders = task["holders"].as_array().unwrap();
    assert_eq!(holders[0]["held_from"], task["created_at"], "{task}");
    for pair in holders.windows(2) {
        let (ended, began) = (pair[0]["held_to"].as_str().unwrap(), pair[1]["held_from"].as_str().unwrap());
        if pair[0]["ended_by"] == "accept-result" {
            assert!(at(ended) <= at(began), "{task}");
        } else {
            assert_eq!(ended, began, "{task}");
        }
    }
    let open = !matches!(task["status"].as_str().unwrap(), "done" | "cancelled");
    let last = holders.last().unwrap();
    assert_eq!(last["held_to"].is_null(), open, "{task}");
    assert_eq!((&last["staff_id"], &last["board_id"]), (&task["lead_id"], &task["lead_board_id"]), "{task}");
}

#[actix_web::test]
async fn a_conference_is_held_changed_and_found() {
    let office = Office::open().await;
    let coordinator = office.login("duong.ntt");
    let held = coordinator.post("/v1/conferences", conference()).await.expect(201);
    assert_eq!((&held["time_zone"], &held["version"]), (&json!("Asia/Ho_Chi_Minh"), &json!(1)));
    assert!(held["number"].as_str().unwrap().starts_with("CF-2025-"), "{held}");
    let path = format!("/v1/conferences/{}", held["id"].as_str().unwrap());
    let patch = json!({"place": "Nhà văn hóa", "delegate_count": 140});
    let changed = coordinator.patch(&path, 1, patch.clone()).await.expect(200);
    assert_eq!((&changed["place"], &changed["delegate_count"]), (&json!("Nhà văn hóa"), &json!(140)));
    coordinator.patch(&path, 1, patch).await.refused(412, "version_conflict");
    office.login("phuoc.dh").patch(&path, 2, json!({"name": "Tập huấn quý I"})).await.expect(200);
    let found = coordinator.get("/v1/conferences?q=nha%20van%20hoa&kind=conference").await.expect(200);
    assert_eq!(each(&found, "name"), ["Tập huấn quý I"]);
    let days = "starts_at_from=2026-01-10T01:00:00Z&starts_at_before=2026-01-10T01:00:01Z";
    let found = coordinator.get(&format!("/v1/conferences?{days}&board_id={}", id("btctu"))).await;
    assert_eq!(each(&found.expect(200), "id"), [held["id"].clone()]);
    assert_eq!(story(&coordinator, &path).await, ["create", "update", "update"]);
    let reception = with(conference(), "kind", json!("reception"));
    let reception = coordinator.post("/v1/conferences", reception).await.expect(201);
    assert!(reception["number"].as_str().unwrap().starts_with("RC-2025-"), "{reception}");
}

#[actix_web::test]
async fn a_conference_belongs_to_a_living_board_of_its_holder() {
    let office = Office::open().await;
    let stranger = office.login("vinh.pt").post("/v1/conferences", conference()).await;
    stranger.refused(422, "validation_failed");
    assert_eq!(stranger.places(), ["#/board_id"]);
    office.login("quang.lm").post("/v1/conferences", conference()).await.refused(403, "forbidden");
    // The accountant of a board sees its conferences and holds none.
    office.login("ha.lt").post("/v1/conferences", conference()).await.refused(403, "forbidden");
    let mut gone = with(conference(), "board_id", json!(id("btgtu")));
    gone["coordinator_id"] = json!(id("btgtu"));
    let gone = office.login("an.nv").post("/v1/conferences", gone).await;
    gone.refused(422, "validation_failed");
    assert_eq!(gone.places(), ["#/coordinator_id", "#/board_id"]);
    let backwards = with(conference(), "ends_at", json!("2026-01-09T17:00:00+07:00"));
    let backwards = office.login("duong.ntt").post("/v1/conferences", backwards).await;
    assert_eq!((backwards.status, backwards.places()), (422, vec!["#/ends_at".to_owned()]));
    // A body that leads one of its tasks sees the conference, and leaves it alone.
    let path = format!("/v1/conferences/{}", id("cf_2025_btctu"));
    office.login("thinh.bd").patch(&path, 1, json!({"place": "Khác"})).await.refused(403, "forbidden");
    office.login("vinh.pt").patch(&path, 1, json!({"place": "Khác"})).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_task_goes_from_its_coordinator_to_its_lead_to_its_checker() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    let task = people.lead.get(&path).await.expect(200);
    assert!(task["number"].as_str().unwrap().starts_with("CT-2025-"), "{task}");
    let waits = &task["waiting_on"];
    assert_eq!((&waits["role"], &waits["staff"]), (&json!("lead"), &json!([id("p_thinh")])));
    assert_eq!(waits["due_at"], task["accept_by"]);
    assert_eq!((may(&task, "accept"), may(&task, "cancel")), (Some(true), Some(false)));
    people.checker.post(&format!("{path}/accept"), json!({})).await.refused(403, "forbidden");
    people.chief.post(&format!("{path}/accept"), json!({})).await.refused(403, "forbidden");

    office.advance(TimeDelta::hours(1));
    let accepted = people.take(&path, "accept").await.expect(200);
    assert_eq!((&accepted["status"], &accepted["version"]), (&json!("in_progress"), &json!(2)));
    assert_eq!(accepted["waiting_on"]["due_at"], accepted["due_at"]);
    people.take(&path, "report-part").await.expect(200);
    let handed_in = people.take(&path, "submit-result").await.expect(200);
    assert_eq!(handed_in["waiting_on"]["role"], "checker");
    people.lead.post(&format!("{path}/accept-result"), json!({})).await.refused(403, "forbidden");

    let silent = people.checker.post(&format!("{path}/send-back"), json!({})).await;
    silent.refused(422, "validation_failed");
    assert_eq!(silent.places(), ["#/reason"]);
    let back = people.checker.post(&format!("{path}/send-back"), json!({"reason": "Thiếu ảnh"})).await;
    assert_eq!(back.expect(200)["decision_reason"], "Thiếu ảnh");
    people.take_all(&path, &["submit-result"]).await;
    office.advance(TimeDelta::hours(1));
    let done = people.take(&path, "accept-result").await.expect(200);
    assert_eq!((&done["status"], &done["waiting_on"]), (&json!("done"), &Value::Null));
    assert_eq!(
        (&done["holders"][0]["ended_by"], &done["done_at"]),
        (&json!("accept-result"), &done["updated_at"])
    );
    assert_tiled(&done);

    office.advance(TimeDelta::hours(1));
    people.lead.post(&format!("{path}/reopen"), json!({"reason": "Sai ảnh"})).await.refused(403, "forbidden");
    let open = people.take(&path, "reopen").await.expect(200);
    assert_eq!((open["holders"].as_array().unwrap().len(), &open["done_at"]), (2, &Value::Null));
    assert_tiled(&open);
    let history = people.lead.get(&format!("{path}/history")).await.expect(200);
    let told = [
        "create",
        "accept",
        "report-part",
        "submit-result",
        "send-back",
        "submit-result",
        "accept-result",
        "reopen",
    ];
    assert_eq!(each(&history, "action"), told);
    assert_eq!(each(&history, "version"), [1, 2, 3, 4, 5, 6, 7, 8]);
    let sent_back = &history["items"][4];
    assert_eq!(
        (&sent_back["actor_name"], &sent_back["from_status"], &sent_back["reason"]),
        (&json!("Châu Anh Tuấn"), &json!("in_review"), &json!("Thiếu ảnh"))
    );
}

#[actix_web::test]
async fn an_upheld_objection_moves_the_duty_at_one_instant() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    office.advance(TimeDelta::hours(2));
    let objected = people.take(&path, "object").await.expect(200);
    assert_eq!((&objected["status"], &objected["lead_id"]), (&json!("objected"), &json!(id("p_thinh"))));
    let waits = &objected["waiting_on"];
    assert_eq!(waits["role"], "chief_of_office");
    assert!(waits["staff"].as_array().unwrap().contains(&json!(id("p_an"))), "{waits}");
    // The lead keeps the duty until the decision.
    assert_tiled(&objected);
    let uphold = format!("{path}/uphold");
    people.lead.post(&uphold, body("uphold")).await.refused(403, "forbidden");

    let mut wrong = with(body("uphold"), "lead_id", json!(id("p_tuan")));
    wrong["accept_by"] = json!("2025-12-12T09:00:00+07:00");
    wrong["reason"] = Value::Null;
    let wrong = people.chief.post(&uphold, wrong).await;
    wrong.refused(422, "validation_failed");
    assert_eq!(wrong.places(), ["#/lead_id", "#/lead_id", "#/accept_by", "#/reason"]);
    let codes: Vec<_> = wrong.body["errors"].as_array().unwrap().iter().map(|e| e["code"].clone()).collect();
    assert_eq!(codes[..2], ["not_in_body", "checker_is_lead"]);
    let mut same = with(body("uphold"), "lead_id", json!(id("p_thinh")));
    same["lead_board_id"] = json!(id("vptu"));
    assert_eq!(people.chief.post(&uphold, same).await.places(), ["#/lead_id"]);

    office.advance(TimeDelta::hours(3));
    let moved = people.take(&path, "uphold").await.expect(200);
    assert_eq!((&moved["status"], &moved["lead_id"]), (&json!("assigned"), &json!(id("p_phuoc"))));
    assert_eq!(moved["coordinators"], json!([]), "who leads coordinates no more");
    assert_eq!(moved["holders"][0]["held_to"], moved["holders"][1]["held_from"]);
    assert_eq!(
        (&moved["holders"][0]["held_to"], &moved["assigned_at"]),
        (&moved["updated_at"], &moved["updated_at"])
    );
    let objection = &moved["objections"][0];
    assert_eq!((&objection["decision"], &objection["decided_by_id"]), (&json!("upheld"), &json!(id("p_an"))));
    assert_eq!((&objection["reason"], &moved["objection_count"]), (&json!("Chưa đúng việc"), &json!(1)));
    assert_tiled(&moved);
    people.lead.post(&format!("{path}/accept"), json!({})).await.refused(404, "not_found");
    let new_lead = office.login("phuoc.dh");
    assert_eq!(
        new_lead.post(&format!("{path}/accept"), json!({})).await.expect(200)["status"],
        "in_progress"
    );
    assert_eq!(story(&new_lead, &path).await, ["create", "object", "uphold", "accept"]);
}

#[actix_web::test]
async fn an_overruled_lead_goes_on_and_objects_no_more() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    let silent = people.lead.post(&format!("{path}/object"), json!({"reason": null})).await;
    silent.refused(422, "validation_failed");
    people.take_all(&path, &["object"]).await;
    people.take(&path, "object").await.refused(409, "state_conflict");
    let decided = people.take(&path, "overrule").await.expect(200);
    assert_eq!((&decided["status"], &decided["lead_id"]), (&json!("in_progress"), &json!(id("p_thinh"))));
    assert_eq!(decided["objections"][0]["decision"], "overruled");
    assert_eq!(decided["holders"].as_array().unwrap().len(), 1);
    people.take(&path, "object").await.refused(409, "state_conflict");
    // Not even where the task would be assigned to the same lead once more.
    office.app.db.writer.execute_unprepared("UPDATE conference_tasks SET status = 'assigned'").await.unwrap();
    let again = people.take(&path, "object").await.refused(409, "state_conflict");
    assert_eq!(again["possible_actions"], json!(["accept", "cancel"]));
}

#[actix_web::test]
async fn two_working_days_are_given_for_an_objection() {
    let office = Office::open().await;
    let people = People::of(&office);
    let (in_time, too_late) = (new_task(&people).await, new_task(&people).await);
    // Assigned on a Friday: Saturday and Sunday do not count, Tuesday is the last day.
    office.set_clock("2025-12-16T23:59:59+07:00");
    assert_eq!(may(&people.lead.get(&too_late).await.expect(200), "object"), Some(true));
    people.take_all(&in_time, &["object"]).await;
    office.set_clock("2025-12-17T00:00:00+07:00");
    let refused = people.take(&too_late, "object").await.refused(409, "state_conflict");
    assert!(refused["detail"].as_str().unwrap().contains("16/12/2025"), "{refused}");
    let task = people.lead.get(&too_late).await.expect(200);
    assert_eq!((may(&task, "object"), may(&task, "accept")), (Some(false), Some(true)));
    people.take_all(&too_late, &["accept"]).await;
}

#[actix_web::test]
async fn silence_is_escalated_once_however_many_processes_look() {
    let office = Office::open().await;
    let people = People::of(&office);
    let second = office.second_app().await;
    let tasks = join_all((0..5).map(|_| new_task(&people))).await;
    let answered = new_task(&people).await;
    people.take_all(&answered, &["accept"]).await;
    office.set_clock("2025-12-15T16:59:59+07:00");
    office.run_jobs().await;
    assert_eq!(people.chief.get(&tasks[0]).await.expect(200)["escalated_at"], Value::Null);

    office.set_clock("2025-12-15T17:00:00+07:00");
    let jobs = shared_office::jobs::run_once;
    let (one, other) = join(jobs(&office.app), jobs(&second)).await;
    one.and(other).expect("the jobs run");
    jobs(&office.app).await.expect("the jobs run");
    for path in &tasks {
        let task = people.chief.get(path).await.expect(200);
        assert_eq!((&task["version"], &task["status"]), (&json!(2), &json!("assigned")));
        let waits = &task["waiting_on"];
        assert_eq!((&waits["role"], &waits["due_at"]), (&json!("chief_of_office"), &task["accept_by"]));
        assert_eq!(waits["since"], task["escalated_at"]);
        assert_eq!(story(&people.chief, path).await, ["create", "escalate"]);
        assert_tiled(&task);
    }
    let count = |app: &shared_office::app::App| app.metrics.jobs.with_label_values(&["escalate_tasks"]).get();
    assert_eq!(count(&office.app) + count(&second), 5);
    let filter = format!("/v1/conference-tasks?escalated=true&conference_id={}", id("cf_2025_btctu"));
    assert_eq!(people.chief.get(&filter).await.expect(200)["items"].as_array().unwrap().len(), 5);
    let history = people.chief.get(&format!("{}/history", tasks[0])).await.expect(200);
    assert_eq!(history["items"][1]["actor_id"], Value::Null, "the service did it");
    // The clock runs on: the lead may still accept, and nobody moves the time that has passed.
    let later = json!({"accept_by": "2025-12-16T17:00:00+07:00"});
    people.coordinator.patch(&tasks[0], 2, later).await.refused(409, "state_conflict");
    people.take_all(&tasks[0], &["accept"]).await;
    // A new lead starts with a clean sheet.
    people.take_all(&tasks[1], &["object", "uphold"]).await;
    assert_eq!(people.chief.get(&tasks[1]).await.expect(200)["escalated_at"], Value::Null);
}

#[actix_web::test]
async fn accepting_and_escalating_at_once_leaves_one_true_story() {
    let office = Office::open().await;
    let people = People::of(&office);
    let tasks = join_all((0..6).map(|_| new_task(&people))).await;
    people.lead.get(&tasks[0]).await.expect(200);
    office.set_clock("2025-12-15T17:00:00+07:00");
    people.lead.get(&tasks[0]).await.expect(200);
    let accepting = join_all(tasks.iter().map(|path| people.take(path, "accept")));
    let (answers, jobs) = join(accepting, shared_office::jobs::run_once(&office.app)).await;
    jobs.expect("the jobs run");
    for (answer, path) in answers.iter().zip(&tasks) {
        answer.expect(200);
        let task = people.lead.get(path).await.expect(200);
        let told = story(&people.lead, path).await;
        let escalated = !task["escalated_at"].is_null();
        let expected =
            if escalated { vec!["create", "escalate", "accept"] } else { vec!["create", "accept"] };
        assert_eq!(told, expected, "never escalated after the answer");
        assert_eq!((&task["status"], &task["version"]), (&json!("in_progress"), &json!(expected.len())));
    }
}

#[actix_web::test]
async fn of_two_answers_and_of_two_decisions_one_counts() {
    let office = Office::open().await;
    let people = People::of(&office);
    let second = office.second_process().await;
    let (lead, deputy) = (office.login_at(&second, "thinh.bd"), office.login_at(&second, "linh.n"));
    for _ in 0..4 {
        let path = new_task(&people).await;
        let object = format!("{path}/object");
        let (one, other) = join(people.take(&path, "accept"), lead.post(&object, body("object"))).await;
        assert_eq!(one.status.min(other.status), 200);
        assert_eq!(one.status.max(other.status), 409, "{} {}", one.text, other.text);
    }
    for _ in 0..4 {
        let path = new_task(&people).await;
        people.take_all(&path, &["object"]).await;
        let overrule = format!("{path}/overrule");
        let (one, other) = join(people.take(&path, "uphold"), deputy.post(&overrule, body("overrule"))).await;
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (200, 409));
        assert_tiled(&people.chief.get(&path).await.expect(200));
    }
}

#[actix_web::test]
async fn a_step_counts_for_the_version_that_was_read() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    people.coordinator.patch(&path, 1, json!({"deliverable": "Ảnh và chú thích"})).await.expect(200);
    let accept = format!("{path}/accept");
    let stale = [("If-Match", "\"1\"")];
    let answer = people.lead.send(reqwest::Method::POST, &accept, None, &stale).await;
    answer.refused(412, "version_conflict");
    people.lead.act(&path, "accept", json!({})).await.expect(200);
}

#[actix_web::test]
async fn people_see_the_tasks_in_which_their_board_has_a_part() {
    let office = Office::open().await;
    let (member, stranger) = (office.login("nam.ld"), office.login("vinh.pt"));
    let conference = format!("/v1/conferences/{}", id("cf_2025_btctu"));
    let list = format!("/v1/conference-tasks?conference_id={}", id("cf_2025_btctu"));
    member.get(&conference).await.expect(200);
    let mut seen = each(&member.get(&list).await.expect(200), "id");
    seen.sort_by_key(Value::to_string);
    // Led by the board, and coordinated by its head.
    let mut parts = ["tk_2025_btctu_14", "tk_2025_btctu_09", "tk_2025_btctu_17"].map(|task| json!(id(task)));
    parts.sort_by_key(Value::to_string);
    assert_eq!(seen, parts);
    member.get(&demo_task("tk_2025_btctu_09")).await.expect(200);
    member.get(&demo_task("tk_2025_btctu_06")).await.refused(404, "not_found");

    // A driver belongs to no board here; one task is led, another one coordinated in person.
    let driver = office.login("loc.tv");
    let own = ["tk_2025_btctu_13", "tk_2025_btctu_17"].map(|task| json!(id(task)));
    assert_eq!(each(&driver.get(&list).await.expect(200), "id"), own);
    driver.get(&conference).await.expect(200);
    for verb in ["excuse-part", "submit-result"] {
        driver.post(&format!("{}/{verb}", demo_task("tk_2025_btctu_13")), body(verb)).await.expect(200);
    }

    let all = office.login("duong.ntt").get(&list).await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 17);
    assert_eq!(stranger.get(&list).await.expect(200)["items"], json!([]));
    let bytes = |answer: Answer| {
        let mut body = answer.refused(404, "not_found");
        body.as_object_mut().unwrap().retain(|name, _| name != "request_id" && name != "instance");
        body.to_string()
    };
    let never = bytes(stranger.get(&demo_task("never")).await);
    for path in [conference.clone(), format!("{conference}/history"), demo_task("tk_2025_btctu_09")] {
        assert_eq!(bytes(stranger.get(&path).await), never, "{path}");
    }
    let accept = format!("{}/accept", demo_task("tk_2025_btctu_09"));
    assert_eq!(bytes(stranger.post(&accept, json!({})).await), never);
    office.login("quang.lm").get(&demo_task("tk_2025_btctu_09")).await.expect(200);
}

#[actix_web::test]
async fn a_task_names_everything_that_is_wrong_with_it_at_once() {
    let office = Office::open().await;
    let people = People::of(&office);
    let mut wrong = task();
    wrong["conference_id"] = json!(id("gd_2025_bnctu"));
    wrong["checker_id"] = json!(id("p_thinh"));
    wrong["lead_board_id"] = json!(id("bnctu"));
    wrong["due_at"] = json!("2025-12-12T08:00:00+07:00");
    wrong["coordinators"] = json!([
        {"board_id": id("vptu"), "staff_id": id("p_thinh")},
        {"board_id": id("btctu"), "staff_id": id("p_phuoc")},
        {"board_id": id("btctu"), "staff_id": id("p_phuoc")},
        {"board_id": id("nowhere"), "staff_id": id("nobody")},
    ]);
    let answer = people.coordinator.post("/v1/conference-tasks", wrong).await;
    answer.refused(422, "validation_failed");
    let places = [
        "#/due_at",
        "#/accept_by",
        "#/checker_id",
        "#/coordinators/0/staff_id",
        "#/coordinators/2/staff_id",
        "#/conference_id",
        "#/coordinators/3/board_id",
        "#/coordinators/3/staff_id",
        "#/lead_id",
    ];
    assert_eq!(answer.places(), places);
    // The tasks of a conference are given out by those who arrange it.
    people.lead.post("/v1/conference-tasks", task()).await.refused(403, "forbidden");
    office.login("phuoc.dh").post("/v1/conference-tasks", task()).await.expect(201);
    people.chief.post("/v1/conference-tasks", task()).await.expect(201);
}

#[actix_web::test]
async fn an_open_task_is_changed_by_its_coordinator_but_keeps_its_lead() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    people
        .coordinator
        .patch(&path, 1, json!({"lead_id": id("p_phuoc")}))
        .await
        .refused(400, "malformed_request");
    people.lead.patch(&path, 1, json!({"title": "Khác"})).await.refused(403, "forbidden");
    office.login("vinh.pt").patch(&path, 1, json!({"title": "Khác"})).await.refused(404, "not_found");
    let coordinators = json!([{"board_id": id("btgdvtu"), "staff_id": id("p_nam")}]);
    let patch = json!({
        "title": "Treo ảnh", "accept_by": "2025-12-16T17:00:00+07:00", "due_at": "2025-12-18T07:00:00+07:00",
        "coordinators": coordinators,
    });
    let changed = people.coordinator.patch(&path, 1, patch).await.expect(200);
    assert_eq!(changed["title"], "Treo ảnh");
    let coordinator = &changed["coordinators"][0];
    assert_eq!((&coordinator["staff_id"], &coordinator["done_at"]), (&json!(id("p_nam")), &Value::Null));
    office.login("nam.ld").get(&path).await.expect(200);
    let early = people.coordinator.patch(&path, 2, json!({"due_at": "2025-12-16T17:00:00+07:00"})).await;
    assert_eq!((early.status, early.places()), (422, vec!["#/due_at".to_owned()]));
    let lead = json!({"coordinators": [{"board_id": id("vptu"), "staff_id": id("p_thinh")}]});
    assert_eq!(people.coordinator.patch(&path, 2, lead).await.places(), ["#/coordinators/0/staff_id"]);
    people.take_all(&path, &["accept"]).await;
    let late = json!({"accept_by": "2025-12-17T17:00:00+07:00"});
    people.coordinator.patch(&path, 3, late).await.refused(409, "state_conflict");
    people.coordinator.patch(&path, 3, json!({"due_at": "2025-12-13T08:00:00+07:00"})).await.expect(200);
    people.take_all(&path, &["cancel"]).await;
    people.coordinator.patch(&path, 5, json!({"title": "Nữa"})).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn a_conference_that_moves_takes_its_open_tasks_along() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    let done = people.coordinator.get(&demo_task("tk_2025_btctu_01")).await.expect(200);
    let conference = format!("/v1/conferences/{}", id("cf_2025_btctu"));
    let moved = json!({"starts_at": "2025-12-15T08:00:00+07:00", "ends_at": "2025-12-15T17:00:00+07:00"});
    people.coordinator.patch(&conference, 1, moved).await.expect(200);
    let task = people.coordinator.get(&path).await.expect(200);
    assert_eq!(at(task["due_at"].as_str().unwrap()), at("2025-12-14T17:00:00+07:00"));
    assert!(at(task["accept_by"].as_str().unwrap()) < at(task["due_at"].as_str().unwrap()), "{task}");
    assert_eq!(story(&people.coordinator, &path).await, ["create", "move"]);
    let past = json!({"starts_at": "2025-12-12T09:00:00+07:00", "ends_at": "2025-12-12T17:00:00+07:00"});
    let refused = people.coordinator.patch(&conference, 2, past).await;
    refused.refused(422, "validation_failed");
    assert!(
        refused.places().iter().all(|place| place == "#/starts_at"),
        "each task is named: {}",
        refused.text
    );
    assert_eq!(people.coordinator.get(&demo_task("tk_2025_btctu_01")).await.expect(200), done);
}

#[actix_web::test]
async fn every_step_is_refused_in_every_state_that_does_not_have_it() {
    let office = Office::open().await;
    let people = People::of(&office);
    let way: BTreeMap<String, &[&str]> = [
        (TaskStatus::Assigned, &[][..]),
        (TaskStatus::Objected, &["object"]),
        (TaskStatus::InProgress, &["accept"]),
        (TaskStatus::InReview, &["accept", "excuse-part", "submit-result"]),
        (TaskStatus::Done, &["accept", "excuse-part", "submit-result", "accept-result"]),
        (TaskStatus::Cancelled, &["cancel"]),
    ]
    .map(|(status, way)| (status.to_value(), way))
    .into();
    for status in TaskStatus::iter() {
        for step in STEPS {
            let path = new_task(&people).await;
            people.take_all(&path, way[&status.to_value()]).await;
            let before = people.chief.get(&path).await.expect(200);
            let offered = offered(&before);
            // Hand-overs and parts have more to say than the status; what is offered is what is possible. Blocking is no
            // step: the task stays where it is.
            let of_status = STEPS.iter().filter(|one| one.from.contains(&status)).map(|one| one.verb);
            let of_status: Vec<_> = of_status.chain(["block"]).map(|verb| json!(verb)).collect();
            assert!(offered.iter().all(|verb| of_status.contains(verb)), "{offered:?}");
            if step.verb == "submit-result" && status == TaskStatus::InProgress {
                people.take_all(&path, &["excuse-part"]).await;
            }
            let answer = people.take(&path, step.verb).await;
            if offered.contains(&json!(step.verb)) {
                let after = answer.expect(200);
                assert_eq!(after["status"], step.to.to_value());
                assert_tiled(&after);
                continue;
            }
            let refused = answer.refused(409, "state_conflict");
            assert_eq!(refused["current_status"], status.to_value());
            let steps: Vec<_> = offered.into_iter().filter(|verb| *verb != "block").collect();
            assert_eq!(refused["possible_actions"], json!(steps));
            let after = people.chief.get(&path).await.expect(200);
            assert_eq!(after, before, "a refused step leaves no trace");
        }
    }
}

/// The steps that a task takes now, whoever may take them.
pub(crate) fn offered(task: &Value) -> Vec<Value> {
    task["allowed_actions"].as_array().unwrap().iter().map(|action| action["action"].clone()).collect()
}

#[actix_web::test]
async fn the_database_itself_keeps_exactly_one_lead() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let run = async |sql: &str, values: Vec<sea_orm::Value>| {
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
    };
    let (open, done) = (id("tk_2025_btctu_09"), id("tk_2025_btctu_01"));
    let nobody = run("UPDATE conference_tasks SET lead_id = NULL WHERE id = $1", vec![open.into()]).await;
    assert!(nobody.unwrap_err().to_string().to_lowercase().contains("null"));
    let own = run("UPDATE conference_tasks SET checker_id = lead_id WHERE id = $1", vec![open.into()]).await;
    assert!(own.unwrap_err().to_string().contains("conference_tasks_checker_check"));
    let hold = "INSERT INTO task_holders (id, task_id, staff_id, board_id, held_from, held_to) \
                VALUES ($1, $2, $3, $4, $5, $6)";
    let holder = |name: &str, task: uuid::Uuid, from: &str, to: Option<&str>| -> Vec<sea_orm::Value> {
        let (person, board) = (id("p_duong"), id("btctu"));
        vec![id(name).into(), task.into(), person.into(), board.into(), at(from).into(), to.map(at).into()]
    };
    let second = run(hold, holder("h1", open, "2026-01-01T08:00:00+07:00", None)).await;
    let second = second.unwrap_err().to_string();
    assert!(second.contains("task_holders"), "a second open holder: {second}");
    let (from, to) = ("2025-11-25T09:00:00+07:00", "2025-11-25T10:00:00+07:00");
    let overlapping = run(hold, holder("h2", done, from, Some(to))).await.unwrap_err().to_string();
    assert!(overlapping.contains("task_holders_no_overlap"), "{overlapping}");
    let (from, to) = ("2025-10-01T08:00:00+07:00", "2025-10-01T09:00:00+07:00");
    run(hold, holder("h3", done, from, Some(to))).await.expect("a period that overlaps nothing fits");
}

#[actix_web::test]
async fn lists_are_filtered_expanded_and_paged() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let list = format!("/v1/conference-tasks?conference_id={}", id("cf_2025_btctu"));
    let plain = chief.get(&format!("{list}&q=maket")).await.expect(200);
    assert_eq!(each(&plain, "id"), [json!(id("tk_2025_btctu_09"))]);
    let item = &plain["items"][0];
    for field in ["lead", "conference", "allowed_actions", "waiting_on"] {
        assert_eq!(item[field], Value::Null, "{field}");
    }
    let expand = "expand=lead&expand=conference&expand=allowed_actions";
    let rich = chief.get(&format!("{list}&q=maket&{expand}")).await.expect(200);
    let item = &rich["items"][0];
    assert_eq!(item["lead"]["full_name"], "Bùi Đức Thịnh");
    assert_eq!(item["conference"]["id"], json!(id("cf_2025_btctu")));
    assert_eq!((may(item, "cancel"), may(item, "submit-result")), (Some(true), Some(false)));
    assert_eq!(item["waiting_on"]["role"], "lead");

    let some = chief.get(&format!("{list}&status=done&status=in_review")).await.expect(200);
    assert_eq!(some["items"].as_array().unwrap().len(), 4);
    let led = chief.get(&format!("{list}&lead_id={}&lead_board_id={}", id("p_ha"), id("vptu"))).await;
    assert_eq!(led.expect(200)["items"].as_array().unwrap().len(), 2);
    let due = "due_at_from=2025-12-16T10:00:00Z&due_at_before=2025-12-17T10:00:00Z";
    assert_eq!(chief.get(&format!("{list}&{due}")).await.expect(200)["items"].as_array().unwrap().len(), 4);
    let (mut seen, mut next) = (Vec::new(), format!("{list}&sort=-due_at&limit=5"));
    loop {
        let page = chief.get(&next).await.expect(200);
        seen.extend(each(&page, "due_at"));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("{list}&sort=-due_at&limit=5&cursor={cursor}");
    }
    assert_eq!(seen.len(), 17);
    assert!(seen.windows(2).all(|pair| pair[0].as_str() >= pair[1].as_str()));
}

#[actix_web::test]
async fn the_demo_shows_a_task_that_was_pushed_to_and_fro() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let task = chief.get(&demo_task("tk_2025_btctu_12")).await.expect(200);
    let holders: Vec<_> = task["holders"].as_array().unwrap().iter().map(|h| h["staff_id"].clone()).collect();
    assert_eq!(json!(holders), json!([id("p_thinh"), id("p_duong"), id("p_thinh")]));
    assert_eq!((&task["objection_count"], &task["version"]), (&json!(2), &json!(6)));
    let told = story(&chief, &demo_task("tk_2025_btctu_12")).await;
    assert_eq!(told, ["create", "object", "uphold", "object", "uphold", "accept"]);
    let all = chief.get("/v1/conference-tasks?limit=200&include_total=true").await.expect(200);
    assert_eq!(all["total"], 103);
    all["items"].as_array().unwrap().iter().for_each(assert_tiled);
}

#[actix_web::test]
async fn nobody_decides_their_own_objection_and_nobody_objects_twice() {
    let office = Office::open().await;
    let people = People::of(&office);
    let body = with(task(), "lead_id", json!(id("p_an")));
    let path = address(&people.coordinator.post("/v1/conference-tasks", body).await.expect(201));
    let (chief, deputy) = (office.login("an.nv"), office.login("linh.n"));
    let reason = json!({"reason": "Không phải việc của tôi"});
    chief.post(&format!("{path}/object"), reason.clone()).await.expect(200);
    chief.post(&format!("{path}/overrule"), reason.clone()).await.refused(403, "four_eyes");
    let give = |lead: &str| {
        json!({"reason": "Giao lại", "lead_board_id": id("vptu"), "lead_id": id(lead),
            "accept_by": "2025-12-15T17:00:00+07:00"})
    };
    deputy.post(&format!("{path}/uphold"), give("p_thinh")).await.expect(200);
    office.login("thinh.bd").post(&format!("{path}/object"), reason.clone()).await.expect(200);
    deputy.post(&format!("{path}/uphold"), give("p_an")).await.expect(200);
    chief.post(&format!("{path}/object"), reason).await.refused(409, "state_conflict");
}

#[actix_web::test]
async fn nobody_leads_or_checks_who_could_never_act() {
    let office = Office::open().await;
    let people = People::of(&office);
    for (field, person) in [("lead_id", "p_quang"), ("checker_id", "p_quang")] {
        let refused =
            people.coordinator.post("/v1/conference-tasks", with(task(), field, json!(id(person)))).await;
        assert_eq!((refused.status, refused.places()), (422, vec![format!("#/{field}")]));
        assert_eq!(refused.body["errors"][0]["code"], "cannot_act");
    }
}

#[actix_web::test]
async fn what_is_being_judged_stays_as_it_was_handed_in() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    people.take_all(&path, &["accept", "excuse-part", "submit-result"]).await;
    people.coordinator.patch(&path, 4, json!({"deliverable": "Khác"})).await.refused(409, "state_conflict");
}
