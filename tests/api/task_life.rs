//! The life of a task, played with dice: whatever happens to it, at every moment exactly one person holds it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::task_holders;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::conferences::{address, assert_tiled, body, each, offered, task, with};
use crate::support::{Client, Office, Value, id, json};

/// Each seed is one history of several tasks, always the same.
const SEEDS: [u64; 3] = [20_251_212, 7, 4_711];
const TASKS: usize = 2;
const STEPS: usize = 40;

/// Who may lead: board, person, login, appointment. None of them leads anything in the demo office.
const LEADS: [(&str, &str, &str, &str); 5] = [
    ("vptu", "p_huy", "huy.tq", "ap_22"),
    ("btgdvtu", "p_yam", "yam.a", "ap_20"),
    ("btgdvtu", "p_bli", "bli.k", "ap_27"),
    ("bnctu", "p_hanh", "hanh.nt", "ap_16"),
    ("ubkttu", "p_blam", "blam.e", "ap_15"),
];

/// A linear congruential generator: good enough to be surprised, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.throw(all.len())]
    }
}

/// Somebody else than the lead of a task.
fn another(dice: &mut Dice, task: &Value) -> (&'static str, &'static str) {
    let others: Vec<_> = LEADS.iter().filter(|one| json!(id(one.1)) != task["lead_id"]).collect();
    let (board, person, ..) = **dice.pick(&others);
    (board, person)
}

fn login_of(office: &Office, person: &Value) -> Client {
    let known = LEADS.iter().find(|one| json!(id(one.1)) == *person).map(|one| one.2);
    office.login(known.unwrap_or("phuoc.dh"))
}

/// The periods as they stand in the table, oldest first.
async fn periods(office: &Office, task: &Value) -> Vec<task_holders::Model> {
    let task_id: uuid::Uuid = task["id"].as_str().unwrap().parse().unwrap();
    let select = task_holders::Entity::find().filter(task_holders::Column::TaskId.eq(task_id));
    let mut periods = select.all(&office.app.db.writer).await.unwrap();
    periods.sort_by_key(|one| (one.held_from, one.held_to.is_none(), one.held_to));
    periods
}

/// The table tells the same story as the answer, and tiles by itself.
async fn assert_held(office: &Office, task: &Value) {
    assert_tiled(task);
    let periods = periods(office, task).await;
    let open = periods.iter().filter(|one| one.held_to.is_none()).count();
    let status = task["status"].as_str().unwrap();
    assert_eq!(open, usize::from(!matches!(status, "done" | "cancelled")), "{task}");
    for pair in periods.windows(2) {
        let ended = pair[0].held_to.unwrap();
        let reopened = pair[0].ended_by.as_deref() == Some("accept-result");
        assert!(ended == pair[1].held_from || (reopened && ended < pair[1].held_from), "{pair:?}");
    }
    let told: Vec<(DateTime<Utc>, Value)> =
        periods.iter().map(|one| (one.held_from, json!(one.staff_id))).collect();
    let shown = task["holders"].as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|one| (one["held_from"].as_str().unwrap().parse().unwrap(), one["staff_id"].clone()))
        .collect();
    assert_eq!(told, shown);
}

/// The lead leaves: all their open tasks go to others in the call that ends the appointment.
async fn depart(office: &Office, chief: &Client, dice: &mut Dice, task: &Value) {
    let lead = LEADS.iter().find(|one| json!(id(one.1)) == task["lead_id"]).unwrap();
    let open = ["assigned", "objected", "in_progress", "in_review"].map(|status| format!("&status={status}"));
    let list = format!("/v1/conference-tasks?limit=200&lead_id={}{}", id(lead.1), open.concat());
    let led = chief.get(&list).await.expect(200);
    let hand_overs: Vec<_> = each(&led, "id")
        .into_iter()
        .map(|task_id| {
            let (board, person) = another(dice, task);
            json!({"task_id": task_id, "lead_board_id": id(board), "lead_id": id(person)})
        })
        .collect();
    let end = json!({"appointment_id": id(lead.3), "valid_to": "2026-12-31", "hand_overs": hand_overs});
    let staff = format!("/v1/staff/{}", id(lead.1));
    office.login("kien.ht").act(&staff, "end-appointment", end).await.expect(200);
}

/// The body of a step, and who takes it.
fn played(office: &Office, dice: &mut Dice, task: &Value, verb: &str) -> (Client, Value) {
    let mut body = body(verb);
    let closed = |part: &&Value| !part["done_at"].is_null() || !part["excused_at"].is_null();
    let parts = task["coordinators"].as_array().unwrap();
    let part = match verb {
        "reopen-part" => parts.iter().find(closed),
        _ => parts.iter().find(|part| !closed(part)),
    };
    let person = part.map(|part| part["staff_id"].clone()).unwrap_or_default();
    if matches!(verb, "uphold" | "request-hand-over") {
        let (board, lead) = another(dice, task);
        body["lead_board_id"] = json!(id(board));
        body["lead_id"] = json!(id(lead));
    }
    if matches!(verb, "excuse-part" | "reopen-part") {
        body["staff_id"] = person.clone();
    }
    let mut hand_overs = task["hand_overs"].as_array().unwrap().iter();
    let pending = hand_overs.find(|one| one["outcome"].is_null());
    let receiver = pending.map(|one| one["to_staff_id"].clone()).unwrap_or_default();
    let who = match verb {
        "accept" | "object" | "submit-result" | "request-hand-over" | "withdraw-hand-over" => {
            login_of(office, &task["lead_id"])
        }
        "accept-hand-over" | "decline-hand-over" => login_of(office, &receiver),
        "report-part" => login_of(office, &person),
        "accept-result" | "send-back" => office.login("tuan.ca"),
        "excuse-part" | "reopen-part" => office.login("duong.ntt"),
        _ => office.login("an.nv"),
    };
    (who, body)
}

async fn live(office: &Office, dice: &mut Dice) -> usize {
    let chief = office.login("an.nv");
    let mut given = with(task(), "lead_id", json!(id("p_huy")));
    given["due_at"] = json!("2026-03-20T17:00:00+07:00");
    given["accept_by"] = json!("2026-02-15T17:00:00+07:00");
    let path = address(&office.login("duong.ntt").post("/v1/conference-tasks", given).await.expect(201));
    for step in 0..STEPS {
        // Often several steps fall on one instant; now and then an hour goes by.
        let pause = if step % 20 == 19 { 3_600 } else { [0, 0, 1, 20][dice.throw(4)] };
        office.advance(TimeDelta::seconds(pause));
        let before = chief.get(&path).await.expect(200);
        let open = !matches!(before["status"].as_str().unwrap(), "done" | "cancelled");
        if open && dice.throw(10) == 0 {
            depart(office, &chief, dice, &before).await;
            assert_held(office, &chief.get(&path).await.expect(200)).await;
            continue;
        }
        // Cancelling ends every story, so it ends this one; blocking changes nobody's duty.
        let verbs = offered(&before);
        let verbs: Vec<&str> = verbs
            .iter()
            .filter_map(Value::as_str)
            .filter(|verb| !["cancel", "block"].contains(verb))
            .collect();
        let verb = if step + 1 == STEPS && open { "cancel" } else { *dice.pick(&verbs) };
        let (who, body) = played(office, dice, &before, verb);
        let answer = who.post(&format!("{path}/{verb}"), body).await;
        // A lead objects once, and a result waits for the parts.
        let may_fail = matches!((verb, answer.status), ("object", 409) | ("submit-result", 422));
        let after = if may_fail { before } else { answer.expect(200) };
        assert_held(office, &after).await;
    }
    let last = chief.get(&path).await.expect(200);
    last["holders"].as_array().unwrap().len()
}

#[actix_web::test]
async fn exactly_one_person_holds_a_task_at_every_moment_of_its_life() {
    let office = Office::open().await;
    let mut holders = 0;
    for seed in SEEDS {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        for _ in 0..TASKS {
            holders += live(&office, &mut dice).await;
        }
    }
    assert!(holders > 6 * SEEDS.len(), "the dice should have moved the tasks about: {holders}");
}
