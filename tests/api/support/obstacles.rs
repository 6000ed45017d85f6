//! Obstacles and measures made through HTTP.

use super::dispatch::with;
use super::{Office, Value, id, json};

pub(crate) const OBSTACLES: &str = "/v1/obstacles";
pub(crate) const MEASURES: &str = "/v1/measures";

/// What a requester of the organisation board reports; it concerns the internal affairs board too.
pub(crate) fn report() -> Value {
    json!({
        "board_id": id("btctu"), "title": "Giấy mời phát hành muộn", "area": "conference_work",
        "description": "Danh sách đại biểu hai ban chốt khác ngày", "board_ids": [id("btctu"), id("bnctu")],
    })
}

pub(crate) fn address(collection: &str, record: &Value) -> String {
    format!("{collection}/{}", record["id"].as_str().expect("an id"))
}

/// A reported obstacle; its address.
pub(crate) async fn reported(office: &Office, changes: Value) -> String {
    let obstacle = office.login("duong.ntt").post(OBSTACLES, with(report(), changes)).await.expect(201);
    address(OBSTACLES, &obstacle)
}

/// An obstacle that the dispatcher is in charge of; its address.
pub(crate) async fn accepted(office: &Office, changes: Value) -> String {
    let obstacle = reported(office, changes).await;
    let owner = json!({"owner_id": id("p_thinh"), "due_on": "2026-01-31"});
    office.login("an.nv").act(&obstacle, "accept", owner).await.expect(200);
    obstacle
}

/// A measure led by the head of the administration division, due on 19 and checked on 26 December 2025.
pub(crate) fn measure(obstacle: &str) -> Value {
    json!({
        "obstacle_id": obstacle.rsplit('/').next(), "title": "Chốt danh sách trước năm ngày",
        "description": "Hai ban gửi danh sách cùng một ngày", "lead_board_id": id("vptu"),
        "lead_id": id("p_kien"), "due_on": "2025-12-19", "check_on": "2025-12-26",
    })
}

/// A measure that the head of the organisation board proposed; its address.
pub(crate) async fn proposed(office: &Office, obstacle: &str) -> String {
    let proposed = office.login("phuoc.dh").post(MEASURES, measure(obstacle)).await.expect(201);
    address(MEASURES, &proposed)
}

/// A measure to which both heads have consented; its address.
pub(crate) async fn agreed(office: &Office, obstacle: &str) -> String {
    let measure = proposed(office, obstacle).await;
    for head in ["phuoc.dh", "hanh.nt"] {
        office.login(head).act(&measure, "consent", json!({})).await.expect(200);
    }
    measure
}

/// A measure that its lead has done; its address.
pub(crate) async fn done(office: &Office, obstacle: &str) -> String {
    let measure = agreed(office, obstacle).await;
    let result = json!({"result": "Đã gửi thông báo cho hai ban"});
    office.login("kien.ht").act(&measure, "complete", result).await.expect(200);
    measure
}

/// An obstacle that its owner says is gone, with its measure; the addresses of both.
pub(crate) async fn resolved(office: &Office) -> (String, String) {
    let obstacle = accepted(office, json!({})).await;
    let measure = done(office, &obstacle).await;
    let resolution = json!({"resolution": "Hội nghị gần nhất đã gửi giấy mời đúng hạn"});
    office.login("thinh.bd").act(&obstacle, "resolve", resolution).await.expect(200);
    (obstacle, measure)
}
