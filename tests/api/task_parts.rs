//! Coordinators' parts of a task: done or excused, before the lead hands in the result.

use crate::conferences::{People, address, body, demo_task, may, new_task, offered, story, task, with};
use crate::support::{Office, Value, id, json};

/// The part of one of the coordinators.
fn part<'a>(task: &'a Value, person: &str) -> &'a Value {
    let mut parts = task["coordinators"].as_array().unwrap().iter();
    parts.find(|part| part["staff_id"] == json!(id(person))).unwrap()
}

/// Where the answer shows somebody's part.
fn place(task: &Value, person: &str) -> String {
    let mut parts = task["coordinators"].as_array().unwrap().iter();
    format!("#/coordinators/{}", parts.position(|part| part["staff_id"] == json!(id(person))).unwrap())
}

/// A task in progress with two coordinators: the head of the organisation board and somebody of another board.
async fn with_two_parts(people: &People) -> String {
    let coordinators = json!([
        {"board_id": id("btctu"), "staff_id": id("p_phuoc"), "deliverable": "Danh mục ảnh"},
        {"board_id": id("btgdvtu"), "staff_id": id("p_nam")},
    ]);
    let body = with(task(), "coordinators", coordinators);
    let path = address(&people.coordinator.post("/v1/conference-tasks", body).await.expect(201));
    people.take_all(&path, &["accept"]).await;
    path
}

#[actix_web::test]
async fn a_result_is_handed_in_when_every_part_is_done_or_excused() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = with_two_parts(&people).await;
    let early = people.take(&path, "submit-result").await;
    early.refused(422, "validation_failed");
    assert_eq!(early.places(), ["#/coordinators/0", "#/coordinators/1"]);
    for name in ["Đặng Hữu Phước (Danh mục ảnh)", "Lê Đình Nam"] {
        assert!(early.text.contains(name), "{}", early.text);
    }
    let waiting = people.lead.get(&path).await.expect(200)["waiting_on"].clone();
    let reported = people.take(&path, "report-part").await.expect(200);
    let done = part(&reported, "p_phuoc");
    assert_eq!((&done["report"], &done["done_at"]), (&json!("Đã gửi danh mục"), &reported["updated_at"]));
    assert_eq!(reported["waiting_on"], waiting, "the lead waits no less");
    assert_eq!(people.take(&path, "submit-result").await.places(), [place(&reported, "p_nam")]);
    let excuse = json!({"staff_id": id("p_nam"), "reason": "Không cần nữa"});
    let excused = people.coordinator.post(&format!("{path}/excuse-part"), excuse).await.expect(200);
    let of_nam = part(&excused, "p_nam");
    assert_eq!(
        (&of_nam["excuse_reason"], &of_nam["excused_by_id"]),
        (&json!("Không cần nữa"), &json!(id("p_duong")))
    );
    people.take_all(&path, &["submit-result", "send-back"]).await;
    let back = people.lead.get(&path).await.expect(200);
    assert_eq!(back["coordinators"], excused["coordinators"], "what is done stays done");
    assert_eq!(back["decision_reason"], "Chưa đúng việc");
    // The lead finds a part wanting.
    let reopened = people.take(&path, "reopen-part").await.expect(200);
    let open = part(&reopened, "p_phuoc");
    assert_eq!((&open["done_at"], &open["report"]), (&Value::Null, &Value::Null));
    assert_eq!(reopened["decision_reason"], "Chưa đúng việc", "the reason stands in the history");
    assert_eq!(people.take(&path, "submit-result").await.places(), [place(&reopened, "p_phuoc")]);
    people.take_all(&path, &["report-part", "submit-result", "accept-result"]).await;
    let told = story(&people.chief, &path).await;
    assert_eq!(told[2..5], ["report-part", "excuse-part", "submit-result"]);
    assert_eq!(told[6..8], ["reopen-part", "report-part"]);
}

#[actix_web::test]
async fn everybody_sees_to_the_parts_that_are_theirs() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = with_two_parts(&people).await;
    let nam = office.login("nam.ld");
    let report = json!({"report": "Đã gửi bài"});
    for stranger in [&people.lead, &people.checker, &people.chief] {
        stranger.post(&format!("{path}/report-part"), report.clone()).await.refused(403, "forbidden");
    }
    let of = |person: &str| json!({"staff_id": id(person), "reason": "Làm lại"});
    for stranger in [&people.helper, &nam, &people.chief] {
        stranger.post(&format!("{path}/excuse-part"), of("p_nam")).await.refused(403, "forbidden");
    }
    let silent = json!({"staff_id": id("p_nam"), "reason": ""});
    let silent = people.lead.post(&format!("{path}/excuse-part"), silent).await;
    assert_eq!((silent.status, silent.places()), (422, vec!["#/reason".to_owned()]));
    let nobody = people.lead.post(&format!("{path}/excuse-part"), of("p_kien")).await;
    assert_eq!((nobody.status, nobody.places()), (422, vec!["#/staff_id".to_owned()]));

    let task = nam.get(&path).await.expect(200);
    assert_eq!((may(&task, "report-part"), may(&task, "excuse-part")), (Some(true), Some(false)));
    assert!(!offered(&task).contains(&json!("reopen-part")), "nothing to reopen yet");
    nam.post(&format!("{path}/report-part"), report.clone()).await.expect(200);
    nam.post(&format!("{path}/report-part"), report.clone()).await.refused(409, "state_conflict");
    people.lead.post(&format!("{path}/excuse-part"), of("p_nam")).await.refused(409, "state_conflict");
    people.lead.post(&format!("{path}/reopen-part"), of("p_phuoc")).await.refused(409, "state_conflict");
    people.take(&path, "report-part").await.expect(200);
    let foreign = nam.post(&format!("{path}/reopen-part"), of("p_phuoc")).await;
    foreign.refused(403, "forbidden");
    let own = nam.post(&format!("{path}/reopen-part"), of("p_nam")).await.expect(200);
    assert_eq!(part(&own, "p_nam")["done_at"], Value::Null);
    // A task without parts offers nothing of the kind.
    let alone = office.login("duong.ntt").get(&demo_task("tk_2029_btctu_02")).await.expect(200);
    assert!(offered(&alone).iter().all(|verb| !verb.as_str().unwrap().ends_with("-part")), "{alone}");
}

#[actix_web::test]
async fn new_coordinators_leave_the_parts_of_the_old_ones_as_they_are() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = with_two_parts(&people).await;
    let done = people.take(&path, "report-part").await.expect(200);
    let replace = async |version: &Value, of_phuoc: &str| {
        let coordinators = json!([
            {"board_id": id("btctu"), "staff_id": id("p_phuoc"), "deliverable": of_phuoc},
            {"board_id": id("vptu"), "staff_id": id("p_thao"), "deliverable": "Thẻ đại biểu"},
        ]);
        let version = version.as_i64().unwrap();
        people.coordinator.patch(&path, version, json!({"coordinators": coordinators})).await.expect(200)
    };
    let changed = replace(&done["version"], "Danh mục ảnh").await;
    assert_eq!(changed["coordinators"].as_array().unwrap().len(), 2);
    assert_eq!(part(&changed, "p_phuoc"), part(&done, "p_phuoc"));
    assert_eq!(part(&changed, "p_thao")["done_at"], Value::Null);
    // Another part is another promise.
    let changed = replace(&changed["version"], "Chú thích ảnh").await;
    assert_eq!(part(&changed, "p_phuoc")["done_at"], Value::Null);
}

#[actix_web::test]
async fn the_demo_shows_parts_and_hand_overs_on_their_way() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let parts = chief.get(&demo_task("tk_2029_parts")).await.expect(200);
    let states: Vec<_> =
        parts["coordinators"].as_array().unwrap().iter().map(|part| part["done_at"].is_null()).collect();
    assert_eq!((states.len(), states.iter().filter(|open| **open).count()), (2, 1));
    for (reference, role, told) in [
        ("tk_2029_hand_over_1", "receiver", vec!["create", "accept", "request-hand-over"]),
        (
            "tk_2029_hand_over_2",
            "coordinator",
            vec!["create", "accept", "report-part", "request-hand-over", "accept-hand-over"],
        ),
    ] {
        let path = demo_task(reference);
        let task = chief.get(&path).await.expect(200);
        assert_eq!(task["waiting_on"]["role"], role);
        assert_eq!(
            (story(&chief, &path).await, &task["version"]),
            (told.iter().map(|verb| json!(verb)).collect(), &json!(told.len()))
        );
    }
    // One waits until the other one is done.
    let people = People::of(&office);
    let path = new_task(&people).await;
    people.take_all(&path, &["accept", "request-hand-over", "report-part"]).await;
    people.receiver.post(&format!("{path}/accept-hand-over"), body("accept-hand-over")).await.expect(200);
}
