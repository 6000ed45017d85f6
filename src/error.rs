//! What can go wrong, as callers see it: problem details (RFC 9457) with a stable `code`, in two languages.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use sea_orm::DbErr;
use serde_json::{Map, Value, json};

use crate::db::Trouble;
use crate::http::language::Language;

pub type ApiResult<T> = Result<T, ApiError>;

/// A text for people, in both languages of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub vi: String,
    pub en: String,
}

/// A text in Vietnamese and English.
pub fn text(vi: impl Into<String>, en: impl Into<String>) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

impl Text {
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

macro_rules! codes {
    ($($variant:ident = $status:literal $code:literal, $vi:literal, $en:literal;)*) => {
        /// Every kind of problem: its stable code, its status, its titles. Clients branch on the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Code::$variant => ($status, $code, $vi, $en)),* }
            }
        }
    };
}

codes! {
    MalformedRequest = 400 "malformed_request", "Yêu cầu không đúng định dạng đã công bố", "The request does not fit the published schema";
    TokenInvalid = 401 "token_invalid", "Cần đăng nhập", "You must sign in";
    SessionEnded = 401 "session_ended", "Phiên làm việc đã kết thúc", "The session has ended";
    LoginFailed = 401 "login_failed", "Tên đăng nhập hoặc mật khẩu không đúng", "The user name or the password is wrong";
    RefreshReused = 401 "refresh_reused", "Mã làm mới đã được dùng; phiên đã bị đóng", "The refresh token was used before; the session is closed";
    Forbidden = 403 "forbidden", "Không có quyền thực hiện", "You may not do this";
    FourEyes = 403 "four_eyes", "Một người không được xử lý hai bước của cùng một hồ sơ", "No one acts twice on one record";
    NotFound = 404 "not_found", "Không tìm thấy", "Not found";
    MethodNotAllowed = 405 "method_not_allowed", "Phương thức không được hỗ trợ", "The method is not supported here";
    NotAcceptable = 406 "not_acceptable", "Không có dạng dữ liệu được yêu cầu", "No representation you accept";
    RequestTimeout = 408 "request_timeout", "Gửi quá chậm", "The request took too long to arrive";
    StateConflict = 409 "state_conflict", "Trạng thái hiện tại không cho phép", "The current state does not allow this";
    TimeTaken = 409 "time_taken", "Thời gian đã có người giữ", "The time is taken";
    TravellerAway = 409 "traveller_away", "Người đi đã có lịch công tác khác", "A traveller is away already";
    CommitmentExceeded = 409 "commitment_exceeded", "Vượt số đã cam kết chi", "More than was committed";
    BudgetInsufficient = 409 "budget_insufficient", "Dự toán không đủ", "The budget line has not so much left";
    BudgetLineInactive = 409 "budget_line_inactive", "Dòng dự toán không nhận bút toán này", "The budget line takes no such entry now";
    BudgetYearNotOpen = 409 "budget_year_not_open", "Năm ngân sách không mở", "The budget year is not open";
    BudgetYearUnsettled = 409 "budget_year_unsettled", "Năm ngân sách còn việc chưa xong", "The budget year is not settled yet";
    Duplicate = 409 "duplicate", "Đã có bản ghi như vậy", "There is one already";
    DuplicateInvoice = 409 "duplicate_invoice", "Hóa đơn đã có", "The invoice is there already";
    DuplicatePersonDay = 409 "duplicate_person_day", "Khoản này của người và ngày đó đã được đề nghị", "This person and day has been claimed already";
    AlreadyPaid = 409 "already_paid", "Hồ sơ đã được chi trả", "The claim has been paid already";
    OpenAdvanceOverdue = 409 "open_advance_overdue", "Còn tạm ứng quá hạn chưa thanh toán", "An advance is overdue";
    AlreadyClaimed = 409 "already_claimed", "Nhiên liệu đã được đề nghị thanh toán", "The fuel has been claimed already";
    TooManyFiles = 409 "too_many_files", "Hồ sơ đã đủ số tệp", "The record has as many files as it may";
    AssignmentOverlap = 409 "assignment_overlap", "Ban đã có kế toán trong thời gian này", "The board has an accountant for these days already";
    PeriodTaken = 409 "period_taken", "Thời gian này đã có quy định", "There is a rule for these days already";
    InUse = 409 "in_use", "Bản ghi đang được dùng", "The record is in use";
    IdempotencyInFlight = 409 "idempotency_in_flight", "Yêu cầu cùng khóa đang được xử lý", "A request with this key is being carried out";
    VersionConflict = 412 "version_conflict", "Bản ghi đã thay đổi", "The record has changed";
    PayloadTooLarge = 413 "payload_too_large", "Nội dung quá lớn", "The body is too large";
    UnsupportedMediaType = 415 "unsupported_media_type", "Kiểu nội dung không được hỗ trợ", "The content type is not supported";
    ValidationFailed = 422 "validation_failed", "Dữ liệu chưa hợp lệ", "The data breaks a rule";
    InvalidCursor = 422 "invalid_cursor", "Con trỏ trang không hợp lệ", "The cursor is not valid here";
    IdempotencyKeyReused = 422 "idempotency_key_reused", "Khóa đã dùng cho yêu cầu khác", "The key was used for another request";
    RateNotFound = 422 "rate_not_found", "Chưa có định mức hoặc đơn giá", "There is no rate in force";
    OutsideAuthorization = 422 "outside_authorization", "Ngoài thời gian được cử đi công tác", "Outside the days of the travel order";
    ExplanationRequired = 422 "explanation_required", "Cần giải trình vượt định mức", "What is over the norm must be explained";
    ClaimIncomplete = 422 "claim_incomplete", "Hồ sơ còn thiếu", "The claim is incomplete";
    FormNotReady = 422 "form_not_ready", "Chưa có biểu mẫu ở bước này", "There is no such form at this step";
    ConsentRequired = 422 "consent_required", "Cần người duyệt đồng ý rõ ràng", "The approver must consent explicitly";
    PreconditionRequired = 428 "precondition_required", "Cần gửi If-Match", "If-Match is required";
    TooManyAttempts = 429 "too_many_attempts", "Thử quá nhiều lần", "Too many attempts";
    Internal = 500 "internal", "Lỗi của hệ thống", "A fault of the service";
    Unavailable = 503 "unavailable", "Hệ thống tạm thời không phục vụ được", "The service is unavailable for the moment";
}

impl Code {
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The code on the wire, e.g. `time_taken`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The code in the problem's address, e.g. `time-taken`.
    pub fn slug(self) -> String {
        self.name().replace('_', "-")
    }

    pub fn title(self) -> Text {
        let (_, _, vi, en) = self.row();
        text(vi, en)
    }
}

/// One broken field: where it is, what is wrong, what would be right.
#[derive(Clone, Debug)]
pub struct FieldError {
    pub place: Place,
    pub code: &'static str,
    pub detail: Text,
}

/// Where a broken field stands.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the body, as a JSON Pointer without its leading `#`, e.g. `/lines/0/claimed_amount`.
    Body(String),
    /// In the query, the path or a header, by name.
    Parameter(String),
}

/// A problem on its way to the caller.
#[derive(Clone, Debug)]
pub struct ApiError(Box<Problem>);

#[derive(Clone, Debug)]
pub struct Problem {
    pub code: Code,
    pub detail: Text,
    pub errors: Vec<FieldError>,
    /// Further members of the problem, e.g. `current_status` or `clashes`.
    pub more: Map<String, Value>,
    /// What the log gets to know and the caller does not.
    pub cause: Option<String>,
    /// Seconds after which a new attempt makes sense.
    pub retry_after: Option<i64>,
    /// The methods that the address knows, for 405.
    pub allow: Option<String>,
    /// The same transaction may succeed when it runs again.
    pub transient: bool,
}

impl ApiError {
    pub fn new(code: Code, detail: Text) -> Self {
        Self(Box::new(Problem {
            code,
            detail,
            errors: Vec::new(),
            more: Map::new(),
            cause: None,
            retry_after: None,
            allow: None,
            transient: false,
        }))
    }

    /// The same words for an id that never existed and for one outside the caller's boards.
    pub fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            text("Không có bản ghi này trong phạm vi của bạn.", "There is no such record within your reach."),
        )
    }

    /// An address that the service does not have.
    pub fn no_such_address() -> Self {
        Self::new(Code::NotFound, text("Dịch vụ không có địa chỉ này.", "The service has no such address."))
    }

    pub fn forbidden(detail: Text) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    /// Rules that the request breaks, all of them.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut error = Self::new(
            Code::ValidationFailed,
            text("Xem từng lỗi trong errors.", "See errors for every broken rule."),
        );
        error.0.errors = errors;
        error
    }

    /// One broken rule about one field of the body. `field` is a pointer without `#/`, e.g. `ends_at`.
    pub fn rule(field: &str, code: &'static str, detail: Text) -> Self {
        Self::invalid(vec![FieldError::body(field, code, detail)])
    }

    /// A referenced record that does not exist, or not for this caller.
    pub fn unknown_reference(field: &str) -> Self {
        Self::invalid(vec![FieldError::unknown_reference(field)])
    }

    /// A fault of the service; only the log learns the cause.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let mut error = Self::new(
            Code::Internal,
            text(
                "Vui lòng báo request_id cho người quản trị.",
                "Please tell the request_id to the administrator.",
            ),
        );
        error.0.cause = Some(cause.to_string());
        error
    }

    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        let mut error =
            Self::new(Code::Unavailable, text("Hãy thử lại sau ít giây.", "Try again in a few seconds."));
        error.0.cause = Some(cause.to_string());
        error.0.retry_after = Some(2);
        error
    }

    /// Something changed between a look and a lock; the same transaction succeeds when it runs again.
    pub fn look_again() -> Self {
        let mut again = Self::unavailable("a record changed between a look and a lock");
        again.0.transient = true;
        again
    }

    pub fn with(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.0.more.insert(name.to_owned(), json!(value));
        self
    }

    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// The refusal of a part of a body, seen from the whole body: its places lie under the part.
    pub fn under(mut self, part: &str) -> Self {
        for error in &mut self.0.errors {
            if let Place::Body(pointer) = &mut error.place {
                *pointer = format!("/{part}{pointer}");
            }
        }
        self
    }

    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub fn allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl FieldError {
    pub fn body(field: &str, code: &'static str, detail: Text) -> Self {
        Self { place: Place::Body(format!("/{field}")), code, detail }
    }

    pub fn unknown_reference(field: &str) -> Self {
        Self::body(
            field,
            "unknown_reference",
            text("không có bản ghi này trong phạm vi của bạn", "there is no such record within your reach"),
        )
    }
}

impl Problem {
    /// The body on the wire.
    pub fn body(&self, language: Language, request_id: &str) -> Value {
        let errors: Vec<Value> = self
            .errors
            .iter()
            .map(|error| {
                let (pointer, parameter) = match &error.place {
                    Place::Body(pointer) => (Some(format!("#{pointer}")), None),
                    Place::Parameter(name) => (None, Some(name.clone())),
                };
                json!({
                    "pointer": pointer,
                    "parameter": parameter,
                    "code": error.code,
                    "detail": error.detail.get(language),
                })
            })
            .collect();
        let mut body = json!({
            "type": format!("/problems/{}", self.code.slug()),
            "code": self.code.name(),
            "title": self.code.title().get(language),
            "status": self.code.status().as_u16(),
            "detail": self.detail.get(language),
            "instance": format!("/requests/{request_id}"),
            "request_id": request_id,
            "errors": errors,
        });
        if let Some(object) = body.as_object_mut() {
            object.extend(self.more.clone());
        }
        body
    }

    /// The whole answer, in the caller's language.
    pub fn respond(&self, language: Language, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        response.content_type("application/problem+json");
        response.insert_header(("Content-Language", language.tag()));
        if let Some(seconds) = self.retry_after {
            response.insert_header(("Retry-After", seconds.max(1).to_string()));
        }
        if let Some(methods) = &self.allow {
            response.insert_header(("Allow", methods.clone()));
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        response.body(self.body(language, request_id).to_string())
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.name(), self.0.detail.en)?;
        if let Some(cause) = &self.0.cause {
            write!(f, " ({cause})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

/// The envelope around every request writes the answer; this is only its status.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }
}

/// What the database refuses is told by the name of its constraint: one total list, and a name that is not
/// on it is a bug of the service.
impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        match Trouble::of(&error) {
            Trouble::Refused(constraint) => of_constraint(&constraint)
                .unwrap_or_else(|| Self::internal(format!("unmapped constraint {constraint}: {error}"))),
            Trouble::Stale => version_conflict(),
            Trouble::Retry => {
                let mut again = Self::unavailable(error);
                again.0.transient = true;
                again
            }
            Trouble::Busy | Trouble::Down => Self::unavailable(error),
            Trouble::Other => Self::internal(error),
        }
    }
}

/// Somebody changed the record since the caller read it.
pub fn version_conflict() -> ApiError {
    ApiError::new(
        Code::VersionConflict,
        text(
            "Hãy đọc lại bản ghi rồi gửi lại với ETag mới.",
            "Read the record again and repeat the request with its new ETag.",
        ),
    )
}

/// The problem of a broken constraint, or nothing for a name that the service does not know.
pub fn of_constraint(name: &str) -> Option<ApiError> {
    let duplicate = |field: &str, vi: &str, en: &str| {
        ApiError::new(Code::Duplicate, text(vi, en)).with_errors(vec![FieldError::body(
            field,
            "duplicate",
            text(vi, en),
        )])
    };
    Some(match name {
        "boards_code_key_key" => duplicate("code", "Mã ban này đã có.", "There is a board with this code."),
        "staff_employee_code_key_key" => {
            duplicate("employee_code", "Mã cán bộ này đã có.", "There is a member of staff with this code.")
        }
        "users_username_key" => {
            duplicate("username", "Tên đăng nhập này đã có.", "There is a user with this name.")
        }
        "users_staff_id_key" => {
            duplicate("staff_id", "Người này đã có tài khoản.", "This member of staff has a login already.")
        }
        "service_accounts_name_key" => duplicate(
            "name",
            "Tên tài khoản dịch vụ này đã có.",
            "There is a service account with this name.",
        ),
        "accountants_staff_id_key" => duplicate(
            "staff_id",
            "Người này đã là kế toán.",
            "This member of staff is an accountant already.",
        ),
        "rate_tables_code_key_key" => {
            duplicate("code", "Mã quy định này đã có.", "There is a rate table with this code.")
        }
        "office_units_code_key_key" => {
            duplicate("code", "Mã đơn vị này đã có.", "There is a unit with this code.")
        }
        "duties_code_key_key" => {
            duplicate("code", "Mã nhiệm vụ này đã có.", "There is a duty with this code.")
        }
        "applied_templates_conference_id_code_key_key" => duplicate(
            "template_id",
            "Mẫu này đã được áp dụng cho hội nghị.",
            "The template was applied to this conference already.",
        ),
        "vehicles_plate_key" => duplicate("plate", "Biển số này đã có.", "There is a car with this plate."),
        "drivers_staff_id_key" => {
            duplicate("staff_id", "Người này đã là lái xe.", "This member of staff is a driver already.")
        }
        "drivers_licence_number_key" => duplicate(
            "licence_number",
            "Số giấy phép lái xe này đã có.",
            "There is a driver with this licence.",
        ),
        "odometer_corrections_open_vehicle_id_key" => duplicate(
            "odometer_km",
            "Xe đang có một đề nghị hiệu chỉnh chưa quyết định.",
            "The car has an open correction already.",
        ),
        "trip_bookings_carried_booking_id_key" => ApiError::new(
            Code::StateConflict,
            text("Đăng ký này đã có chuyến khác.", "Another trip carries this booking out."),
        ),
        "driver_hours_rules_no_overlap" => duplicate(
            "valid_from",
            "Đã có quy định cho những ngày này.",
            "There is a rule for these days already.",
        ),
        "vehicle_papers_vehicle_id_kind_number_valid_from_key" => {
            duplicate("number", "Giấy tờ này của xe đã có.", "This paper of the car is there already.")
        }
        "budget_lines_year_board_id_funding_source_sub_item_key" => duplicate(
            "sub_item",
            "Ban đã có dòng dự toán của năm, nguồn và tiểu mục này.",
            "The board has a line of this year, source and sub-item already.",
        ),
        "payments_voucher_key_key" => {
            duplicate("voucher_number", "Số phiếu chi này đã có.", "There is a payment with this voucher.")
        }
        "task_coordinators_task_id_staff_id_key" => duplicate(
            "coordinators",
            "Một người chỉ phối hợp một lần trong một việc.",
            "A person coordinates a task once.",
        ),
        "payments_claim_id_key" | "payments_reverses_id_key" => ApiError::new(
            Code::AlreadyPaid,
            text("Hồ sơ này đã có phiếu chi.", "There is a payment for this claim already."),
        ),
        "payments_advance_id_key" => ApiError::new(
            Code::AlreadyPaid,
            text("Tạm ứng này đã có phiếu chi.", "There is a payment for this advance already."),
        ),
        "expense_claims_travel_order_id_claimant_id_key" => duplicate(
            "travel_order_id",
            "Chuyến đi này đã có hồ sơ thanh toán của người đề nghị.",
            "The claimant has a claim for this journey already.",
        ),
        "advances_travel_order_id_requester_id_key" => duplicate(
            "travel_order_id",
            "Chuyến đi này đã có một khoản tạm ứng chưa thanh toán.",
            "There is an open advance for this journey already.",
        ),
        "expense_claim_lines_live_invoice_key_key" => ApiError::new(
            Code::DuplicateInvoice,
            text("Một hóa đơn chỉ được thanh toán một lần.", "One invoice of one seller is claimed once."),
        ),
        "expense_claim_lines_live_person_day_key_key" => ApiError::new(
            Code::DuplicatePersonDay,
            text(
                "Một người, một ngày, một loại chi chỉ được thanh toán một lần.",
                "One person, day and kind of cost is claimed once.",
            ),
        ),
        "expense_claim_lines_live_refuel_id_key" => ApiError::new(
            Code::AlreadyClaimed,
            text("Một lần đổ nhiên liệu chỉ được thanh toán một lần.", "Each refuel is claimed once."),
        ),
        "refuels_invoice_key_key" => {
            let once = text("Hóa đơn này đã được nhập.", "A refuel with this invoice is entered already.");
            ApiError::new(Code::DuplicateInvoice, once.clone()).with_errors(vec![FieldError::body(
                "invoice",
                Code::DuplicateInvoice.name(),
                once,
            )])
        }
        "attachments_owner_id_sha256_key" => ApiError::new(
            Code::Duplicate,
            text("Tệp này đã được đính kèm vào hồ sơ.", "The record has this very file already."),
        ),
        "fuel_statements_vehicle_id_month_key" => duplicate(
            "month",
            "Xe đã có bảng kê nhiên liệu của tháng này.",
            "The car has a fuel statement of this month.",
        ),
        "holds_no_overlap" => ApiError::new(
            Code::TimeTaken,
            text(
                "Xe hoặc lái xe đã được giữ trong thời gian này.",
                "The car or driver is held at that time.",
            ),
        ),
        "travel_order_travellers_no_overlap" => ApiError::new(
            Code::TravellerAway,
            text(
                "Một người không thể đi hai chuyến công tác cùng lúc.",
                "Nobody travels for two orders at once.",
            ),
        ),
        "travel_orders_amends_id_key" => ApiError::new(
            Code::StateConflict,
            text(
                "Quyết định này đang có một bản điều chỉnh chưa xong.",
                "An amendment of this order is on its way already.",
            ),
        ),
        "reviews_supersedes_id_key" => ApiError::new(
            Code::StateConflict,
            text(
                "Báo cáo này đang có hoặc đã có một bản đính chính.",
                "A correction of this review is there already.",
            ),
        ),
        "accountant_assignments_no_overlap" => ApiError::new(
            Code::AssignmentOverlap,
            text(
                "Mỗi ngày một ban có đúng một kế toán phụ trách; hãy bàn giao thay vì phân công thêm.",
                "On every day a board has exactly one accountant in charge; hand the board over instead.",
            ),
        ),
        "payments_four_eyes_check"
        | "advances_four_eyes_check"
        | "vehicle_bookings_four_eyes_check"
        | "odometer_corrections_four_eyes_check"
        | "budget_lines_four_eyes_check"
        | "budget_years_freezer_is_not_closer_check"
        | "budget_years_carrier_is_not_closer_check"
        | "budget_imports_four_eyes_check"
        | "reviews_four_eyes_check"
        | "budget_transfers_proposer_is_not_from_signer_check"
        | "budget_transfers_proposer_is_not_to_signer_check"
        | "budget_transfers_signers_four_eyes_check"
        | "task_hand_overs_four_eyes_check"
        | "obstacles_four_eyes_check"
        | "measures_four_eyes_check" => four_eyes(),
        "fuel_norms_no_overlap" => ApiError::new(
            Code::PeriodTaken,
            text(
                "Mỗi ngày một xe có nhiều nhất một định mức nhiên liệu; hãy chọn ngày khác.",
                "On every day a car has at most one fuel norm; choose other days.",
            ),
        ),
        "fuel_prices_no_overlap"
        | "fuel_tolerances_no_overlap"
        | "rates_no_overlap"
        | "sub_items_no_overlap"
        | "expense_kinds_no_overlap"
        | "task_templates_no_overlap" => ApiError::new(
            Code::PeriodTaken,
            text(
                "Những ngày này đã có mức khác; hãy chọn ngày khác.",
                "These days have a row already; choose other days.",
            ),
        ),
        _ if name.starts_with("travel_orders_") && name.contains("_is_not_") => four_eyes(),
        _ if name.starts_with("conference_plans_") && name.contains("_is_not_") => four_eyes(),
        _ if name.starts_with("expense_claims_") && name.contains("_is_not_") && !name.contains("more") => {
            four_eyes()
        }
        "duty_leads_no_overlap" | "office_unit_heads_no_overlap" => ApiError::new(
            Code::PeriodTaken,
            text(
                "Mỗi ngày chỉ có một đơn vị chủ trì và một người đứng đầu; hãy chọn ngày khác.",
                "On every day there is one lead and one head; choose other days.",
            ),
        ),
        "conference_tasks_checker_check" => ApiError::rule(
            "checker_id",
            "checker_is_lead",
            text(
                "người kiểm tra phải khác người chủ trì",
                "the checker must be another person than the lead",
            ),
        ),
        _ if name.ends_with("_fkey") || name == "foreign_key" => ApiError::new(
            Code::InUse,
            text(
                "Một bản ghi liên quan không còn hoặc đang được dùng.",
                "A related record is gone or in use.",
            ),
        ),
        _ => return None,
    })
}

/// Constraints that a rule of the service stands in front of. They are the second fence: when one of them
/// fires, the rule has a hole, and the answer is 500.
pub fn guarded_by_rules(name: &str) -> bool {
    name.ends_with("_check")
        || name.ends_with("_number_key")
        || name.ends_with("_append_only")
        || matches!(
            name,
            "task_holders_no_overlap"
                | "task_holders_task_id_key"
                | "task_objections_task_id_key"
                | "task_dependencies_task_id_depends_on_id_key"
                | "task_hand_overs_task_id_key"
                | "expense_claim_lines_claim_id_position_key"
                | "expense_claim_papers_claim_id_position_key"
                | "holds_held_by_id_resource_id_key"
                | "trip_bookings_trip_id_booking_id_key"
                | "audit_events_id_key"
                | "travel_orders_chain_id_revision_key"
                | "travel_order_legs_order_id_kind_position_key"
                | "travel_order_travellers_order_id_position_key"
                | "travel_order_travellers_order_id_staff_id_key"
                | "commitments_document_id_budget_line_id_key"
                | "budget_lines_id_board_id_year_funding_source_key"
                | "budget_entries_line_status"
                | "budget_lines_year_open"
                | "budget_years_lines"
                | "budget_years_year_key"
                // The second import of the same bytes gets the first one instead.
                | "budget_imports_year_sha256_key"
                | "budget_entries_reverses_id_key"
                | "travel_order_funds_order_id_budget_line_id_key"
                | "reception_guests_conference_id_key"
                | "reception_guests_conference_id_position_key"
                | "reception_legs_conference_id_position_key"
                | "measure_consents_measure_id_board_id_key"
                // Two random secrets are never the same.
                | "service_keys_digest_key"
                | "calendar_feeds_digest_key"
                // Who knows already is not told again: the second row falls away without a word.
                | "notifications_staff_id_unique_key_key"
        )
}

/// No one acts twice on one record.
pub fn four_eyes() -> ApiError {
    ApiError::new(
        Code::FourEyes,
        text(
            "Bạn đã có vai trò khác trong hồ sơ này; người khác phải làm bước này.",
            "You had another part in this record; another person must take this step.",
        ),
    )
}
