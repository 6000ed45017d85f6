//! What a file must be: pure, without the database and the store.

use crate::error::{ApiError, ApiResult, Code, FieldError, Place, text};
use crate::http::input::File;
use crate::integration::attachments::json::AttachmentIn;

/// The kinds of file: media type, how the bytes begin, how the name ends.
const FORMATS: [(&str, &[u8], &[&str]); 3] = [
    ("application/pdf", b"%PDF-", &["pdf"]),
    ("image/jpeg", b"\xff\xd8\xff", &["jpg", "jpeg"]),
    ("image/png", b"\x89PNG\r\n\x1a\n", &["png"]),
];

/// Everything that is wrong with a file: it is not empty, its bytes begin as its media type says, its name ends so, and
/// the name is a name and no path.
///
/// # Errors
/// 422 with every place.
pub fn check(new: &AttachmentIn, file: &File) -> ApiResult<()> {
    let mut broken = Vec::new();
    let format = FORMATS.iter().find(|(media_type, ..)| *media_type == file.media_type);
    let Some((media_type, beginning, endings)) = format else {
        return Err(ApiError::internal(format!("the gate let {} through", file.media_type)));
    };
    if file.bytes.is_empty() {
        broken.push(of_body("empty", "tệp rỗng", "the file is empty"));
    } else if !file.bytes.starts_with(beginning) {
        let vi = format!("nội dung không phải {media_type}");
        let en = format!("the content is not {media_type}");
        broken.push(of_body("wrong_content", &vi, &en));
    }
    let name = &new.file_name;
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if !endings.contains(&ending.as_str()) {
        let all: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
        let all = all.join(", ");
        let (vi, en) = (format!("tên phải kết thúc bằng {all}"), format!("must end in {all}"));
        broken.push(of_name("wrong_ending", &vi, &en));
    }
    broken.extend(not_a_name(name));
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// What is wrong with the name of a file: it is a name and no path.
pub fn not_a_name(name: &str) -> Option<FieldError> {
    let path = name.contains(['/', '\\', ':']) || name.starts_with('.') || name.chars().any(char::is_control);
    path.then(|| {
        of_name(
            "not_a_name",
            "chỉ nêu tên tệp, không có đường dẫn và ký tự điều khiển",
            "is the name alone, without a path and without control characters",
        )
    })
}

/// 409 for a record that has as many files as it may.
pub fn full(most: u64) -> ApiError {
    ApiError::new(
        Code::TooManyFiles,
        text(format!("Mỗi hồ sơ có tối đa {most} tệp."), format!("A record has at most {most} files.")),
    )
}

/// A record that does not exist, or not for this caller.
pub fn unknown_owner() -> ApiError {
    let mut error = FieldError::unknown_reference("owner_id");
    error.place = Place::Parameter("owner_id".to_owned());
    ApiError::invalid(vec![error])
}

fn of_body(code: &'static str, vi: &str, en: &str) -> FieldError {
    FieldError { place: Place::Body(String::new()), code, detail: text(vi, en) }
}

fn of_name(code: &'static str, vi: &str, en: &str) -> FieldError {
    FieldError { place: Place::Parameter("file_name".to_owned()), code, detail: text(vi, en) }
}
