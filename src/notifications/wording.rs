//! What a notification says, in both languages, composed when it is read.

use chrono::{DateTime, NaiveDate, Utc};
use entity::notifications::{Model, NotificationKind};

use NotificationKind::{
    AdvanceOverdue, BookingCancelled, BookingRejected, BookingReturned, ClaimPaid, ClaimRejected,
    ClaimReturned, LicenceExpiring, PaperExpiring, TaskAcceptSoon, TaskAssigned, TaskDueSoon, TaskEscalated,
    TaskMoved, TaskOverdue, TripAmended, TripIssued, TripVoided,
};

use crate::clock::office_time;
use crate::error::{Text, text};

/// Title and detail.
pub fn of(row: &Model) -> (Text, Text) {
    let fact = |name: &str| row.facts[name].as_str().unwrap_or_default().to_owned();
    let (number, at) = (fact("number"), time(row.due_at));
    let say = |title: (&str, &str), vi: String, en: String| (text(title.0, title.1), text(vi, en));
    match row.kind {
        TaskAssigned => say(
            ("Bạn được giao chủ trì một việc", "You were given a task to lead"),
            format!("Việc {number}, hạn hoàn thành {}.", at.vi),
            format!("Task {number}, due at {}.", at.en),
        ),
        TaskMoved => say(
            ("Hạn của một việc đã dời", "A task is due at another time"),
            format!("Hội nghị đổi ngày; việc {number} nay có hạn {}.", at.vi),
            format!("The conference moved; task {number} is now due at {}.", at.en),
        ),
        TaskEscalated => say(
            ("Có việc chưa được nhận đúng hạn", "A task was not accepted in time"),
            format!("Việc {number} phải được nhận trước {}.", at.vi),
            format!("Task {number} was to be accepted by {}.", at.en),
        ),
        TaskAcceptSoon => say(
            ("Sắp hết hạn nhận việc", "A task is to be accepted soon"),
            format!("Việc {number} cần được nhận trước {}.", at.vi),
            format!("Task {number} is to be accepted by {}.", at.en),
        ),
        TaskDueSoon => say(
            ("Một việc sắp đến hạn", "A task is due soon"),
            format!("Việc {number} đến hạn lúc {}.", at.vi),
            format!("Task {number} is due at {}.", at.en),
        ),
        TaskOverdue => say(
            ("Một việc đã quá hạn", "A task is overdue"),
            format!("Việc {number} đã đến hạn lúc {}.", at.vi),
            format!("Task {number} was due at {}.", at.en),
        ),
        BookingReturned => say(
            ("Đăng ký xe bị trả lại", "A booking was returned"),
            format!("Đăng ký {number} cần được sửa và gửi lại."),
            format!("Booking {number} is to be corrected and submitted again."),
        ),
        BookingRejected => say(
            ("Đăng ký xe bị từ chối", "A booking was rejected"),
            format!("Đăng ký {number} không được duyệt."),
            format!("Booking {number} was not approved."),
        ),
        BookingCancelled => say(
            ("Đăng ký xe bị hủy", "A booking was cancelled"),
            format!("Đăng ký {number} đã bị hủy."),
            format!("Booking {number} was cancelled by somebody else."),
        ),
        TripIssued => say(
            ("Đã có lệnh điều xe", "A dispatch order was issued"),
            format!("Lệnh {number}, khởi hành lúc {}.", at.vi),
            format!("Order {number}, leaving at {}.", at.en),
        ),
        TripAmended => say(
            ("Lệnh điều xe đã thay đổi", "A dispatch order was amended"),
            format!("Lệnh {number} được điều chỉnh; khởi hành lúc {}.", at.vi),
            format!("Order {number} was amended; it leaves at {}.", at.en),
        ),
        TripVoided => say(
            ("Lệnh điều xe bị hủy", "A dispatch order is void"),
            format!("Lệnh {number} không còn hiệu lực."),
            format!("Order {number} does not stand any more."),
        ),
        ClaimReturned => say(
            ("Hồ sơ thanh toán bị trả lại", "A claim was returned"),
            format!("Hồ sơ {number} cần được bổ sung và gửi lại."),
            format!("Claim {number} is to be completed and submitted again."),
        ),
        ClaimRejected => say(
            ("Hồ sơ thanh toán bị từ chối", "A claim was rejected"),
            format!("Hồ sơ {number} không được thanh toán."),
            format!("Claim {number} will not be paid."),
        ),
        ClaimPaid => say(
            ("Hồ sơ thanh toán đã được chi", "A claim was paid"),
            format!("Hồ sơ {number} đã được chi trả."),
            format!("Claim {number} was paid."),
        ),
        AdvanceOverdue => {
            let last = day(&fact("day"));
            say(
                ("Tạm ứng quá hạn thanh toán", "An advance is overdue"),
                format!("Tạm ứng {number} phải thanh toán xong trong ngày {}.", last.vi),
                format!("Advance {number} was to be settled by {}.", last.en),
            )
        }
        PaperExpiring => {
            let (paper, plate, last) = (paper(&fact("paper")), fact("plate"), day(&fact("day")));
            say(
                ("Giấy tờ xe sắp hết hạn", "A paper of a car ends soon"),
                format!("{} của xe {plate} có hiệu lực đến hết ngày {}.", paper.vi, last.vi),
                format!("{} of {plate} is valid until {}.", paper.en, last.en),
            )
        }
        LicenceExpiring => {
            let (class, driver, last) = (fact("class").to_uppercase(), fact("driver"), day(&fact("day")));
            say(
                ("Giấy phép lái xe sắp hết hạn", "A driving licence ends soon"),
                format!("Giấy phép hạng {class} của {driver} có hiệu lực đến hết ngày {}.", last.vi),
                format!("The licence {class} of {driver} is valid until {}.", last.en),
            )
        }
    }
}

/// As the office's clock shows it.
fn time(at: Option<DateTime<Utc>>) -> Text {
    let Some(at) = at.map(office_time) else { return text("", "") };
    text(at.format("%H:%M ngày %d/%m/%Y").to_string(), at.format("%H:%M, %-d %B %Y").to_string())
}

fn day(written: &str) -> Text {
    match written.parse::<NaiveDate>() {
        Ok(day) => text(day.format("%d/%m/%Y").to_string(), day.format("%-d %B %Y").to_string()),
        Err(_) => text(written, written),
    }
}

fn paper(kind: &str) -> Text {
    match kind {
        "registration" => text("Đăng ký xe", "The registration"),
        "inspection" => text("Đăng kiểm", "The inspection"),
        "insurance" => text("Bảo hiểm trách nhiệm dân sự", "The insurance"),
        "road_fee" => text("Phí sử dụng đường bộ", "The road fee"),
        other => text(other, other),
    }
}
