//! How a form is sent: a PDF to look at or to save, and not again while it says the same.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ETag, EntityTag, ExtendedValue,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::error::ApiResult;
use crate::forms::press::Sheet;
use crate::http::call::Call;
use crate::http::reply::unchanged;

/// The form under the name of a file, e.g. `Lệnh điều xe 07/LĐX-2026`.
///
/// # Errors
/// As [`crate::forms::press::Press::print`].
pub async fn send(call: &Call, request: &HttpRequest, name: &str, sheet: Sheet) -> ApiResult<HttpResponse> {
    let tag = sheet.tag()?;
    let mut response = HttpResponse::Ok();
    // The forms are Vietnamese, whatever language the caller speaks.
    response.insert_header(("Content-Language", "vi"));
    response.insert_header(ETag(EntityTag::new_strong(tag.clone())));
    if unchanged(request, &tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let pdf = call.app.press.print(sheet, &call.app.metrics).await?;
    let name = named(DispositionType::Inline, &format!("{name}.pdf"));
    Ok(response.insert_header(name).content_type("application/pdf").body(pdf))
}

/// The name of a file in UTF-8 (RFC 8187); what could be a path is none.
pub(crate) fn named(disposition: DispositionType, name: &str) -> ContentDisposition {
    let name: String = name.chars().map(|c| if matches!(c, '/' | '\\') { '-' } else { c }).collect();
    let value = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.into_bytes(),
    };
    ContentDisposition { disposition, parameters: vec![DispositionParam::FilenameExt(value)] }
}
