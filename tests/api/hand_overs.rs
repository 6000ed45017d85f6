//! Hand-overs of tasks: three people agree before a lead changes, and who leaves leaves nothing behind.

use chrono::TimeDelta;
use futures_util::future::join;
use sea_orm::{ConnectionTrait, Statement};

use crate::conferences::{
    People, address, assert_tiled, body, demo_task, each, may, new_task, offered, story, task, with,
};
use crate::support::{Client, Office, Value, at, id, json};

/// The addresses of the tasks that wait for somebody.
async fn inbox(client: &Client) -> Vec<Value> {
    each(&client.get("/v1/me/inbox?resource_type=conference_task&limit=200").await.expect(200), "href")
}

fn last_hand_over(task: &Value) -> &Value {
    task["hand_overs"].as_array().unwrap().last().unwrap()
}

fn codes(answer: &Value) -> Vec<Value> {
    answer["errors"].as_array().unwrap().iter().map(|error| error["code"].clone()).collect()
}

#[actix_web::test]
async fn three_people_agree_before_the_lead_changes() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    people.take(&path, "request-hand-over").await.refused(409, "state_conflict");
    people.take_all(&path, &["accept"]).await;
    office.advance(TimeDelta::hours(1));
    people.receiver.post(&format!("{path}/request-hand-over"), body("request-hand-over")).await.expect(403);
    let asked = people.take(&path, "request-hand-over").await.expect(200);
    let waits = &asked["waiting_on"];
    assert_eq!((&waits["role"], &waits["staff"]), (&json!("receiver"), &json!([id("p_kien")])));
    assert_eq!((&waits["since"], &waits["due_at"]), (&asked["updated_at"], &asked["due_at"]));
    assert_eq!((&asked["lead_id"], &asked["status"]), (&json!(id("p_thinh")), &json!("in_progress")));
    assert_tiled(&asked);
    assert!(inbox(&people.receiver).await.contains(&json!(path)));
    assert!(!inbox(&people.lead).await.contains(&json!(path)), "it is not the lead's turn");
    // The lead keeps the task, but nobody judges what somebody else is about to take over.
    people.take(&path, "submit-result").await.refused(409, "state_conflict");
    people.take(&path, "request-hand-over").await.refused(409, "state_conflict");
    people.take(&path, "approve-hand-over").await.refused(409, "state_conflict");

    let accepted = people.take(&path, "accept-hand-over").await.expect(200);
    assert_eq!(
        (&accepted["waiting_on"]["role"], &accepted["lead_id"]),
        (&json!("coordinator"), &json!(id("p_thinh")))
    );
    assert_eq!(accepted["waiting_on"]["staff"], json!([id("p_duong")]));
    assert!(inbox(&people.coordinator).await.contains(&json!(path)));
    assert_eq!(
        (may(&accepted, "approve-hand-over"), may(&accepted, "accept-hand-over")),
        (Some(false), None)
    );
    people.take(&path, "decline-hand-over").await.refused(409, "state_conflict");
    people.receiver.post(&format!("{path}/approve-hand-over"), json!({})).await.refused(403, "forbidden");

    office.advance(TimeDelta::hours(1));
    let approved = people.take(&path, "approve-hand-over").await.expect(200);
    assert_eq!((&approved["lead_id"], &approved["status"]), (&json!(id("p_kien")), &json!("in_progress")));
    assert_eq!((&approved["due_at"], &approved["assigned_at"]), (&asked["due_at"], &approved["updated_at"]));
    assert_eq!(approved["holders"][0]["held_to"], approved["updated_at"], "the lead changes at the approval");
    assert_eq!(approved["holders"][0]["ended_by"], "approve-hand-over");
    assert_tiled(&approved);
    let hand_over = last_hand_over(&approved);
    assert_eq!((&hand_over["outcome"], &hand_over["late"]), (&json!("approved"), &json!(false)));
    assert_eq!(
        (&hand_over["reason"], &hand_over["decided_by_id"]),
        (&json!("Đi học tập trung"), &json!(id("p_duong")))
    );
    assert_eq!(approved["waiting_on"]["staff"], json!([id("p_kien")]));
    people.take(&path, "withdraw-hand-over").await.refused(403, "forbidden");
    let told = ["create", "accept", "request-hand-over", "accept-hand-over", "approve-hand-over"];
    assert_eq!(story(&people.chief, &path).await, told);
    let history = people.chief.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(history["items"][2]["reason"], "Đi học tập trung");
    assert_eq!(history["items"][4]["details"]["former_lead_id"], json!(id("p_thinh")));
}

#[actix_web::test]
async fn a_hand_over_that_comes_to_nothing_leaves_the_lead_where_they_are() {
    let office = Office::open().await;
    let people = People::of(&office);
    for (steps, outcome, by) in [
        (&["decline-hand-over"][..], "declined", json!(id("p_kien"))),
        (&["withdraw-hand-over"], "withdrawn", json!(id("p_thinh"))),
        (&["accept-hand-over", "withdraw-hand-over"], "withdrawn", json!(id("p_thinh"))),
        (&["refuse-hand-over"], "refused", json!(id("p_duong"))),
        (&["accept-hand-over", "refuse-hand-over"], "refused", json!(id("p_duong"))),
        (&["accept-hand-over", "cancel"], "lapsed", Value::Null),
    ] {
        let path = new_task(&people).await;
        people.take_all(&path, &["accept", "request-hand-over"]).await;
        people.take_all(&path, steps).await;
        let task = people.chief.get(&path).await.expect(200);
        let hand_over = last_hand_over(&task);
        assert_eq!((&hand_over["outcome"], &hand_over["decided_by_id"]), (&json!(outcome), &by));
        assert_eq!((&task["lead_id"], task["holders"].as_array().unwrap().len()), (&json!(id("p_thinh")), 1));
        assert_tiled(&task);
        if outcome == "lapsed" {
            continue;
        }
        // The reason of a hand-over stands with the hand-over, and the lead may ask again.
        assert_eq!((&task["decision_reason"], &task["waiting_on"]["role"]), (&Value::Null, &json!("lead")));
        let again = people.take(&path, "request-hand-over").await.expect(200);
        assert_eq!(again["hand_overs"].as_array().unwrap().len(), 2);
    }
    let path = new_task(&people).await;
    people.take_all(&path, &["accept", "request-hand-over"]).await;
    for verb in ["decline-hand-over", "refuse-hand-over"] {
        let silent = people.who(verb).post(&format!("{path}/{verb}"), json!({"reason": ""})).await;
        assert_eq!((silent.status, silent.places()), (422, vec!["#/reason".to_owned()]));
    }
}

#[actix_web::test]
async fn what_is_possible_is_what_is_offered_at_every_stage() {
    let office = Office::open().await;
    let people = People::of(&office);
    let verbs = ["request", "accept", "decline", "withdraw", "approve", "refuse"]
        .map(|verb| format!("{verb}-hand-over"));
    for (way, possible) in [
        (&["accept"][..], &["request"][..]),
        (&["accept", "request-hand-over"], &["accept", "decline", "withdraw", "refuse"]),
        (&["accept", "request-hand-over", "accept-hand-over"], &["withdraw", "approve", "refuse"]),
    ] {
        let possible: Vec<_> = possible.iter().map(|verb| format!("{verb}-hand-over")).collect();
        for verb in &verbs {
            let path = new_task(&people).await;
            people.take_all(&path, way).await;
            let before = people.chief.get(&path).await.expect(200);
            let shown: Vec<_> =
                offered(&before).into_iter().filter(|one| verbs.iter().any(|verb| one == verb)).collect();
            assert_eq!(json!(shown), json!(possible));
            let answer = people.take(&path, verb).await;
            if possible.contains(verb) {
                assert_tiled(&answer.expect(200));
            } else {
                let refused = answer.refused(409, "state_conflict");
                // Blocking is no step.
                let steps: Vec<_> = offered(&before).into_iter().filter(|one| one != "block").collect();
                assert_eq!(refused["possible_actions"], json!(steps));
            }
        }
    }
}

#[actix_web::test]
async fn a_receiver_is_somebody_who_can_lead_the_task() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    people.take_all(&path, &["accept"]).await;
    let ask = async |board: &str, lead: &str| {
        let mut body = with(body("request-hand-over"), "lead_id", json!(id(lead)));
        body["lead_board_id"] = json!(id(board));
        people.lead.post(&format!("{path}/request-hand-over"), body).await
    };
    for (board, lead, places, code) in [
        ("vptu", "p_thinh", vec!["#/lead_id"], "same_lead"),
        ("vptu", "p_tuan", vec!["#/lead_id"], "checker_is_lead"),
        ("btctu", "p_kien", vec!["#/lead_id"], "not_in_body"),
        ("btgtu", "p_nam", vec!["#/lead_id"], "not_in_body"),
        ("vptu", "p_quang", vec!["#/lead_id"], "cannot_act"),
        ("nowhere", "nobody", vec!["#/lead_board_id", "#/lead_id"], "unknown_reference"),
    ] {
        let refused = ask(board, lead).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, places.iter().map(|one| (*one).to_owned()).collect())
        );
        assert_eq!(codes(&refused.body)[0], code, "{lead}");
    }
    let silent = json!({"reason": null, "lead_board_id": id("btctu"), "lead_id": id("p_kien")});
    let silent = people.lead.post(&format!("{path}/request-hand-over"), silent).await;
    assert_eq!(silent.places(), ["#/lead_id", "#/reason"], "all at once");

    // A coordinator of the task may receive it, and is then its lead and no coordinator.
    ask("btctu", "p_phuoc").await.expect(200);
    people.helper.post(&format!("{path}/accept-hand-over"), json!({})).await.expect(200);
    let approved = people.take(&path, "approve-hand-over").await.expect(200);
    assert_eq!((&approved["lead_id"], &approved["coordinators"]), (&json!(id("p_phuoc")), &json!([])));

    // Who has left the body meanwhile does not get it.
    let path = new_task(&people).await;
    let to = json!({"reason": "Trùng việc", "lead_board_id": id("btgdvtu"), "lead_id": id("p_bli")});
    people.take_all(&path, &["accept"]).await;
    people.lead.post(&format!("{path}/request-hand-over"), to).await.expect(200);
    let bli = office.login("bli.k");
    bli.post(&format!("{path}/accept-hand-over"), json!({})).await.expect(200);
    let end = json!({"appointment_id": id("ap_27"), "valid_to": "2025-12-11"});
    people.chief.act(&format!("/v1/staff/{}", id("p_bli")), "end-appointment", end).await.expect(200);
    people.take(&path, "approve-hand-over").await.refused(409, "state_conflict");
    people.take_all(&path, &["refuse-hand-over"]).await;
    assert_eq!(people.chief.get(&path).await.expect(200)["lead_id"], json!(id("p_thinh")));
}

#[actix_web::test]
async fn what_comes_late_or_concerns_the_coordinator_is_the_chief_of_offices() {
    let office = Office::open().await;
    let people = People::of(&office);
    let (before, after) = (new_task(&people).await, new_task(&people).await);
    for path in [&before, &after] {
        people.take_all(path, &["accept"]).await;
    }
    people.take_all(&before, &["request-hand-over", "accept-hand-over"]).await;
    office.set_clock("2025-12-17T17:00:00.000001+07:00");
    people.take_all(&after, &["request-hand-over", "accept-hand-over"]).await;
    // More time for the task does not make a late request an early one.
    let version = people.chief.get(&after).await.expect(200)["version"].as_i64().unwrap();
    let later = json!({"due_at": "2025-12-20T17:00:00+07:00"});
    people.coordinator.patch(&after, version, later).await.expect(200);
    for path in [&before, &after] {
        let task = people.coordinator.get(path).await.expect(200);
        assert_eq!(
            (&task["waiting_on"]["role"], may(&task, "approve-hand-over")),
            (&json!("chief_of_office"), Some(false))
        );
        assert!(inbox(&people.chief).await.contains(&json!(path)));
        for verb in ["approve-hand-over", "refuse-hand-over"] {
            people.take(path, verb).await.refused(403, "forbidden");
        }
        let approved = people.chief.post(&format!("{path}/approve-hand-over"), json!({})).await.expect(200);
        assert_eq!(last_hand_over(&approved)["late"], true);
    }
    // The coordinator gives: the chief approves. The chief receives: the deputy does.
    let lead = json!({"reason": "Bận", "lead_board_id": id("btctu"), "lead_id": id("p_phuoc")});
    let own = demo_task("tk_2029_btctu_02");
    people.coordinator.post(&format!("{own}/request-hand-over"), lead).await.expect(200);
    people
        .coordinator
        .post(&format!("{own}/refuse-hand-over"), body("refuse-hand-over"))
        .await
        .refused(403, "four_eyes");
    let accepted = people.helper.post(&format!("{own}/accept-hand-over"), json!({})).await.expect(200);
    assert_eq!(accepted["waiting_on"]["role"], "chief_of_office");
    people.chief.post(&format!("{own}/approve-hand-over"), json!({})).await.expect(200);
    let mut later = with(task(), "due_at", json!("2025-12-25T17:00:00+07:00"));
    later["accept_by"] = json!("2025-12-22T17:00:00+07:00");
    let path = address(&people.coordinator.post("/v1/conference-tasks", later).await.expect(201));
    people.take_all(&path, &["accept"]).await;
    let chief = with(body("request-hand-over"), "lead_id", json!(id("p_an")));
    people.lead.post(&format!("{path}/request-hand-over"), chief).await.expect(200);
    people.chief.post(&format!("{path}/accept-hand-over"), json!({})).await.expect(200);
    people.chief.post(&format!("{path}/approve-hand-over"), json!({})).await.refused(403, "four_eyes");
    office.login("linh.n").post(&format!("{path}/approve-hand-over"), json!({})).await.expect(200);
}

#[actix_web::test]
async fn whoever_is_asked_sees_the_task_until_it_is_settled() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = new_task(&people).await;
    let (vinh, head, stranger) = (office.login("vinh.pt"), office.login("blam.e"), office.login("chin.k"));
    people.take_all(&path, &["accept"]).await;
    vinh.get(&path).await.refused(404, "not_found");
    let to = json!({"reason": "Đúng chuyên môn", "lead_board_id": id("ubkttu"), "lead_id": id("p_vinh")});
    people.lead.post(&format!("{path}/request-hand-over"), to).await.expect(200);
    for client in [&vinh, &head] {
        client.get(&path).await.expect(200);
    }
    stranger.get(&path).await.refused(404, "not_found");
    head.post(&format!("{path}/accept-hand-over"), json!({})).await.refused(403, "forbidden");
    let declined = vinh.post(&format!("{path}/decline-hand-over"), body("decline-hand-over")).await;
    assert_eq!(last_hand_over(&declined.expect(200))["decision_reason"], "Chưa đúng việc");
    vinh.get(&path).await.refused(404, "not_found");
}

#[actix_web::test]
async fn of_two_steps_at_once_one_outcome_stands() {
    let office = Office::open().await;
    let people = People::of(&office);
    let second = office.second_process().await;
    let (lead, checker) = (office.login_at(&second, "thinh.bd"), office.login_at(&second, "duong.ntt"));
    lead.token().await;
    for _ in 0..3 {
        let path = new_task(&people).await;
        people.take_all(&path, &["accept"]).await;
        let other = with(body("request-hand-over"), "lead_id", json!(id("p_thao")));
        let (one, other) = join(
            people.take(&path, "request-hand-over"),
            lead.post(&format!("{path}/request-hand-over"), other),
        )
        .await;
        assert_eq!(
            (one.status.min(other.status), one.status.max(other.status)),
            (200, 409),
            "{}",
            other.text
        );
        assert_eq!(people.chief.get(&path).await.expect(200)["hand_overs"].as_array().unwrap().len(), 1);
    }
    for _ in 0..3 {
        let path = new_task(&people).await;
        people.take_all(&path, &["accept", "excuse-part", "request-hand-over", "accept-hand-over"]).await;
        let address = format!("{path}/submit-result");
        let submit = lead.post(&address, body("submit-result"));
        let (approved, submitted) = join(people.take(&path, "approve-hand-over"), submit).await;
        approved.expect(200);
        assert!([403, 409].contains(&submitted.status), "{}", submitted.text);
        let task = people.chief.get(&path).await.expect(200);
        assert_eq!((&task["status"], &task["lead_id"]), (&json!("in_progress"), &json!(id("p_kien"))));
        assert_tiled(&task);
    }
    for _ in 0..3 {
        let path = new_task(&people).await;
        people.take_all(&path, &["accept", "request-hand-over"]).await;
        let address = format!("{path}/withdraw-hand-over");
        let withdraw = lead.post(&address, json!({}));
        let (accepted, withdrawn) = join(people.take(&path, "accept-hand-over"), withdraw).await;
        withdrawn.expect(200);
        assert!([200, 409].contains(&accepted.status), "{}", accepted.text);
        let task = people.chief.get(&path).await.expect(200);
        assert_eq!(
            (&last_hand_over(&task)["outcome"], &task["lead_id"]),
            (&json!("withdrawn"), &json!(id("p_thinh")))
        );
    }
    for _ in 0..3 {
        let path = new_task(&people).await;
        people.take_all(&path, &["accept", "request-hand-over", "accept-hand-over"]).await;
        let address = format!("{path}/refuse-hand-over");
        let refuse = checker.post(&address, body("refuse-hand-over"));
        let (one, other) = join(people.take(&path, "approve-hand-over"), refuse).await;
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (200, 409));
        let task = people.chief.get(&path).await.expect(200);
        let approved = last_hand_over(&task)["outcome"] == "approved";
        assert_eq!((one.status == 200, task["lead_id"] == json!(id("p_kien"))), (approved, approved));
        assert_tiled(&task);
    }
}

#[actix_web::test]
async fn the_database_keeps_one_pending_hand_over_and_every_period_that_ended() {
    let office = Office::open().await;
    let db = &office.app.db.writer;
    let run = async |sql: &str, values: Vec<sea_orm::Value>| {
        let done =
            db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await;
        done.map_err(|error| error.to_string())
    };
    let insert = "INSERT INTO task_hand_overs (id, task_id, from_staff_id, from_board_id, to_staff_id, to_board_id, reason, \
                  requested_at, late, accepted_at, outcome, decided_by_id, decided_at) \
                  VALUES ($1, $2, $3, $4, $5, $4, 'x', $6, false, $7, $8, $9, $10)";
    let row = |task: &str,
               to: &str,
               accepted: bool,
               outcome: Option<&str>,
               by: Option<&str>|
     -> Vec<sea_orm::Value> {
        let now = at("2025-12-12T08:00:00+07:00");
        let name = format!("{task}/{to}/{outcome:?}");
        vec![
            id(&name).into(),
            id(task).into(),
            id("p_duong").into(),
            id("btctu").into(),
            id(to).into(),
            now.into(),
            accepted.then_some(now).into(),
            outcome.map(str::to_owned).into(),
            by.map(id).into(),
            outcome.map(|_| now).into(),
        ]
    };
    let (pending, free) = ("tk_2029_hand_over_1", "tk_2029_btctu_02");
    for (values, constraint) in [
        (row(pending, "p_an", false, None, None), "task_hand_overs"),
        (row(free, "p_duong", false, None, None), "task_hand_overs_people_check"),
        (row(free, "p_an", false, Some("approved"), Some("p_linh")), "task_hand_overs_accepted_check"),
        (row(free, "p_an", true, Some("approved"), Some("p_an")), "task_hand_overs_four_eyes_check"),
        (row(free, "p_an", true, Some("approved"), None), "task_hand_overs_four_eyes_check"),
        (row(free, "p_an", true, Some("lost"), None), "task_hand_overs_outcome_check"),
    ] {
        let refused = run(insert, values).await.unwrap_err();
        assert!(refused.contains(constraint), "{constraint}: {refused}");
    }
    run(insert, row(pending, "p_an", false, Some("declined"), Some("p_an")))
        .await
        .expect("a settled one fits");
    // Nobody rewrites who held a task; an open period is ended, and nothing else.
    let (done, open) = (id("tk_2025_btctu_01"), id("tk_2025_btctu_09"));
    for (sql, task) in [
        ("UPDATE task_holders SET held_to = held_from WHERE task_id = $1", done),
        ("UPDATE task_holders SET held_to = NULL, ended_by = NULL WHERE task_id = $1", done),
        ("UPDATE task_holders SET staff_id = board_id WHERE task_id = $1", open),
        ("UPDATE task_holders SET held_from = '2020-01-01 00:00:00+00:00' WHERE task_id = $1", open),
        ("DELETE FROM task_holders WHERE task_id = $1", done),
        ("DELETE FROM task_holders WHERE task_id = $1", open),
    ] {
        let refused = run(sql, vec![task.into()]).await.unwrap_err();
        assert!(refused.contains("task_holders_append_only"), "{sql}: {refused}");
    }
    let ends = vec![open.into(), at("2026-01-01T00:00:00Z").into()];
    run("UPDATE task_holders SET held_to = $2 WHERE task_id = $1", ends).await.expect("an open period ends");
    // An end that is moved into the next period would overlap it.
    let twice = id("tk_2025_btctu_12");
    let last = "UPDATE task_holders SET held_to = $2 WHERE task_id = $1 AND held_to IS NULL";
    run(last, vec![twice.into(), at("2025-12-30T00:00:00Z").into()]).await.expect("the last period ends");
    let second =
        "INSERT INTO task_holders (id, task_id, staff_id, board_id, held_from) VALUES ($1, $2, $3, $4, $5)";
    let early = at("2025-12-29T00:00:00Z");
    let values = |name: &str, from: chrono::DateTime<chrono::Utc>| -> Vec<sea_orm::Value> {
        vec![id(name).into(), twice.into(), id("p_duong").into(), id("btctu").into(), from.into()]
    };
    let overlap = run(second, values("h1", early)).await.unwrap_err();
    assert!(overlap.contains("task_holders_no_overlap"), "{overlap}");
    run(second, values("h2", at("2025-12-30T00:00:00Z"))).await.expect("the next period begins at its end");
}

/// A task that a person of the general division leads, in progress.
async fn led_by_huy(office: &Office, people: &People) -> String {
    let body = with(task(), "lead_id", json!(id("p_huy")));
    let path = address(&people.coordinator.post("/v1/conference-tasks", body).await.expect(201));
    office.login("huy.tq").post(&format!("{path}/accept"), json!({})).await.expect(200);
    path
}

#[actix_web::test]
async fn who_leaves_hands_over_every_open_task_in_the_same_call() {
    let office = Office::open().await;
    let people = People::of(&office);
    let given = with(task(), "lead_id", json!(id("p_huy")));
    let silent = address(&people.coordinator.post("/v1/conference-tasks", given).await.expect(201));
    office.set_clock("2025-12-16T08:00:00+07:00");
    office.run_jobs().await;
    let late = json!({"accept_by": "2025-12-16T17:00:00+07:00", "due_at": "2025-12-17T17:00:00+07:00"});
    let mut body_of_second = with(task(), "lead_id", json!(id("p_huy")));
    body_of_second["accept_by"] = late["accept_by"].clone();
    let offered = address(&people.coordinator.post("/v1/conference-tasks", body_of_second).await.expect(201));
    let huy = office.login("huy.tq");
    huy.post(&format!("{offered}/accept"), json!({})).await.expect(200);
    huy.post(&format!("{offered}/request-hand-over"), body("request-hand-over")).await.expect(200);
    let task_id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let staff = format!("/v1/staff/{}", id("p_huy"));
    let end = |hand_overs: Value| json!({"appointment_id": id("ap_22"), "valid_to": "2025-12-31", "decision_number": "88-QĐ/TU", "hand_overs": hand_overs});
    let to =
        |task: &str, lead: &str| json!({"task_id": task, "lead_board_id": id("vptu"), "lead_id": id(lead)});

    let missing = people.chief.act(&staff, "end-appointment", end(json!([]))).await;
    missing.refused(422, "validation_failed");
    assert_eq!(missing.places(), ["#/hand_overs", "#/hand_overs"]);
    for path in [&silent, &offered] {
        assert!(missing.text.contains(&task_id(path)), "{path} is named: {}", missing.text);
    }
    let nobody = id("tk_2025_btctu_08").to_string();
    let wrong =
        json!([to(&task_id(&silent), "p_tuan"), to(&nobody, "p_kien"), to(&task_id(&silent), "p_huy")]);
    let wrong = people.chief.act(&staff, "end-appointment", end(wrong)).await;
    let places = [
        "#/hand_overs/1/task_id",
        "#/hand_overs/2/task_id",
        "#/hand_overs",
        "#/hand_overs/2/lead_id",
        "#/hand_overs/0/lead_id",
    ];
    assert_eq!((wrong.status, wrong.places()), (422, places.map(str::to_owned).to_vec()));
    let told = ["not_left_behind", "duplicate", "successor_missing", "is_leaving", "checker_is_lead"];
    assert_eq!(json!(codes(&wrong.body)), json!(told));
    let unchanged = people.chief.get(&staff).await.expect(200);
    assert_eq!((&unchanged["version"], &unchanged["appointments"][1]["valid_to"]), (&json!(1), &Value::Null));

    office.advance(TimeDelta::minutes(5));
    let all = json!([to(&task_id(&silent), "p_kien"), to(&task_id(&offered), "p_phuoc")]);
    let foreign = people.chief.act(&staff, "end-appointment", end(all)).await;
    assert_eq!(foreign.places(), ["#/hand_overs/1/lead_id"], "not in the body named");
    let all = json!([to(&task_id(&silent), "p_kien"), to(&task_id(&offered), "p_thao")]);
    let gone = people.chief.act(&staff, "end-appointment", end(all)).await.expect(200);
    assert_eq!(gone["appointments"][1]["valid_to"], "2025-12-31");
    let assigned = people.chief.get(&silent).await.expect(200);
    assert_eq!((&assigned["lead_id"], &assigned["status"]), (&json!(id("p_kien")), &json!("assigned")));
    assert_eq!((&assigned["escalated_at"], &assigned["waiting_on"]["role"]), (&Value::Null, &json!("lead")));
    assert!(at(assigned["accept_by"].as_str().unwrap()) > office.app.clock.now(), "there is time to answer");
    let going_on = people.chief.get(&offered).await.expect(200);
    assert_eq!((&going_on["lead_id"], &going_on["status"]), (&json!(id("p_thao")), &json!("in_progress")));
    let outcomes: Vec<_> =
        going_on["hand_overs"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(json!(outcomes), json!(["lapsed", "departure"]));
    for task in [&assigned, &going_on] {
        assert_tiled(task);
        let (holder, hand_over) = (&task["holders"][0], last_hand_over(task));
        assert_eq!((&holder["ended_by"], &holder["held_to"]), (&json!("departure"), &gone["updated_at"]));
        assert!(hand_over["reason"].as_str().unwrap().contains("88-QĐ/TU"), "{hand_over}");
        assert_eq!(hand_over["decided_by_id"], json!(id("p_an")));
    }
    assert_eq!(story(&people.chief, &silent).await, ["create", "escalate", "hand-over"]);
}

#[actix_web::test]
async fn who_leaves_the_last_board_is_followed_as_checker_and_coordinator() {
    let office = Office::open().await;
    let chief = office.login("an.nv");
    let (staff, conference) =
        (format!("/v1/staff/{}", id("p_chin")), format!("/v1/conferences/{}", id("gd_2025_bnctu")));
    let task = demo_task("tk_2025_bnctu_08");
    let end = |checkers: Value, coordinators: Value| json!({"appointment_id": id("ap_29"), "valid_to": "2025-12-31", "checkers": checkers, "conference_coordinators": coordinators});
    // What else hangs on them goes to the deputy.
    let left = async |list: &str, role: &str, but: &str| -> Vec<Value> {
        let page = chief.get(&format!("{list}?limit=200")).await.expect(200);
        let rows = page["items"].as_array().unwrap().iter();
        let theirs = rows.filter(|row| row[role] == json!(id("p_chin")) && row["id"] != json!(id(but)));
        let open = theirs.filter(|row| !["done", "cancelled"].iter().any(|status| row["status"] == *status));
        open.map(|row| row["id"].clone()).collect()
    };
    let tasks = left("/v1/conference-tasks", "checker_id", "tk_2025_bnctu_08").await;
    let conferences = left("/v1/conferences", "coordinator_id", "gd_2025_bnctu").await;
    let missing = chief.act(&staff, "end-appointment", end(json!([]), json!([]))).await;
    let named =
        [vec!["#/checkers"; tasks.len() + 1], vec!["#/conference_coordinators"; conferences.len() + 1]];
    assert_eq!((missing.status, json!(missing.places())), (422, json!(named.concat())));
    let check = |person: &str| {
        let rest = tasks.iter().map(|task| json!({"task_id": task, "checker_id": id("p_linh")}));
        let first = json!({"task_id": id("tk_2025_bnctu_08"), "checker_id": id(person)});
        json!([vec![first], rest.collect()].concat())
    };
    let coordinate = |person: &str| {
        let rest =
            conferences.iter().map(|one| json!({"conference_id": one, "coordinator_id": id("p_linh")}));
        let first = json!({"conference_id": id("gd_2025_bnctu"), "coordinator_id": id(person)});
        json!([vec![first], rest.collect()].concat())
    };
    for (checker, coordinator, code, place) in [
        ("p_dung", "p_hanh", "checker_is_lead", "#/checkers/0/checker_id"),
        ("p_quang", "p_hanh", "cannot_act", "#/checkers/0/checker_id"),
        ("nobody", "p_hanh", "unknown_reference", "#/checkers/0/checker_id"),
        ("p_hanh", "p_chin", "is_leaving", "#/conference_coordinators/0/coordinator_id"),
    ] {
        let refused =
            chief.act(&staff, "end-appointment", end(check(checker), coordinate(coordinator))).await;
        assert_eq!((refused.status, refused.places()), (422, vec![place.to_owned()]));
        assert_eq!(codes(&refused.body), [code]);
    }
    chief.act(&staff, "end-appointment", end(check("p_hanh"), coordinate("p_hanh"))).await.expect(200);
    assert_eq!(chief.get(&task).await.expect(200)["checker_id"], json!(id("p_hanh")));
    assert_eq!(chief.get(&conference).await.expect(200)["coordinator_id"], json!(id("p_hanh")));
    assert_eq!(story(&chief, &task).await.last(), Some(&json!("change-checker")));
    assert_eq!(story(&chief, &conference).await.last(), Some(&json!("change-coordinator")));
}

#[actix_web::test]
async fn who_moves_to_another_board_leaves_the_tasks_of_the_old_one() {
    let office = Office::open().await;
    let people = People::of(&office);
    let path = led_by_huy(&office, &people).await;
    let staff = format!("/v1/staff/{}", id("p_huy"));
    let new = |board: &str, hand_overs: Value| {
        json!({"position": "division_head", "board_id": id(board), "allowance_coefficient": "0.50", "valid_from": "2026-01-01",
            "ends_current": true, "decision_number": "89-QĐ/TU", "hand_overs": hand_overs})
    };
    let to =
        json!([{"task_id": path.rsplit('/').next(), "lead_board_id": id("vptu"), "lead_id": id("p_kien")}]);
    // A new position in the same board is no departure: nothing is handed over, and nothing may be.
    let refused = people.chief.act(&staff, "appoint", new("vptu", to.clone())).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["#/hand_overs/0/task_id".to_owned()]));
    let missing = people.chief.act(&staff, "appoint", new("bnctu", json!([]))).await;
    assert_eq!((missing.status, missing.places()), (422, vec!["#/hand_overs".to_owned()]));
    people.chief.act(&staff, "appoint", new("bnctu", to)).await.expect(200);
    let task = people.chief.get(&path).await.expect(200);
    assert_eq!(
        (&task["lead_id"], &last_hand_over(&task)["outcome"]),
        (&json!(id("p_kien")), &json!("departure"))
    );
    assert_tiled(&task);
}

#[actix_web::test]
async fn the_report_counts_who_passes_tasks_on_and_how_long_they_held_them() {
    let office = Office::open().await;
    let people = People::of(&office);
    let huy = office.login("huy.tq");
    let given = with(task(), "lead_id", json!(id("p_huy")));
    let mut paths = Vec::new();
    for _ in 0..3 {
        paths
            .push(address(&people.coordinator.post("/v1/conference-tasks", given.clone()).await.expect(201)));
    }
    let [passed, kept, _silent] = &paths[..] else { unreachable!() };
    office.advance(TimeDelta::hours(2));
    for (path, verb) in [(passed, "accept"), (kept, "object")] {
        huy.post(&format!("{path}/{verb}"), body(verb)).await.expect(200);
    }
    people.chief.post(&format!("{kept}/overrule"), body("overrule")).await.expect(200);
    for verb in ["refuse-hand-over", "decline-hand-over"] {
        huy.post(&format!("{passed}/request-hand-over"), body("request-hand-over")).await.expect(200);
        people.take_all(passed, &[verb]).await;
    }
    huy.post(&format!("{passed}/request-hand-over"), body("request-hand-over")).await.expect(200);
    people.take_all(passed, &["accept-hand-over"]).await;
    office.set_clock("2025-12-15T08:00:00+07:00");
    people.take_all(passed, &["approve-hand-over"]).await;
    office.set_clock("2025-12-15T17:00:00+07:00");
    office.run_jobs().await;

    let report = "/v1/reports/buck-passing";
    let of = |report: &Value, person: &str| {
        let boards = report["boards"].as_array().unwrap();
        let people = boards.iter().filter(|board| board["board_id"] == json!(id("vptu")));
        let mut people = people.flat_map(|board| board["people"].as_array().unwrap());
        people
            .find(|one| one["staff_id"] == json!(id(person)))
            .map(|one| one["figures"].clone())
            .unwrap_or_default()
    };
    let auditor = office.login("quang.lm");
    let days = auditor.get(&format!("{report}?from=2025-12-12&to=2025-12-15")).await.expect(200);
    let figures = of(&days, "p_huy");
    // Three days, and twice three days and nine hours.
    let expected = json!({
        "tasks_received": 3, "objections": 1, "objections_upheld": 0, "objections_overruled": 1,
        "hand_overs_requested": 3, "hand_overs_approved": 1, "hand_overs_refused": 1, "hand_overs_declined": 1,
        "silent_tasks": 1, "median_hours_to_accept": "2.00", "days_held": "9.75",
    });
    assert_eq!(figures, expected);
    let monday = auditor.get(&format!("{report}?from=2025-12-15&to=2025-12-15")).await.expect(200);
    assert_eq!(of(&monday, "p_kien")["tasks_received"], 1, "by a hand-over");
    let saturday = auditor.get(&format!("{report}?from=2025-12-13&to=2025-12-13")).await.expect(200);
    let figures = of(&saturday, "p_huy");
    assert_eq!((&figures["tasks_received"], &figures["days_held"]), (&json!(0), &json!("3.00")));
    let year = auditor.get(report).await.expect(200);
    assert_eq!((&year["from"], &year["to"]), (&json!("2025-01-01"), &json!("2025-12-15")));

    let head = office.login("phuoc.dh");
    let own = head.get(report).await.expect(200);
    assert_eq!(
        own["boards"].as_array().unwrap().iter().map(|one| &one["board_code"]).collect::<Vec<_>>(),
        ["BTCTU"]
    );
    let foreign = head.get(&format!("{report}?board_id={}", id("vptu"))).await.expect(200);
    assert_eq!(foreign["boards"], json!([]), "not the head's board");
    people.coordinator.get(report).await.refused(403, "forbidden");
    let backwards = auditor.get(&format!("{report}?from=2025-12-13&to=2025-12-12")).await;
    assert_eq!((backwards.status, backwards.places()), (422, vec!["from".to_owned()]));

    let (address, statements) = office.watched_process().await;
    let auditor = office.login_at(&address, "quang.lm");
    auditor.token().await;
    let mut counts = Vec::new();
    for days in ["from=2025-12-15&to=2025-12-15", "from=2018-01-01&to=2025-12-15"] {
        statements.lock().unwrap().clear();
        auditor.get(&format!("{report}?{days}")).await.expect(200);
        counts.push(statements.lock().unwrap().len());
    }
    assert_eq!(counts[0], counts[1], "however many tasks there are");
}
