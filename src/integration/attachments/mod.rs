//! Files that belong to a record: invoices, tickets, boarding passes, photos.
//!
//! A file is part of its record: who may read the record may read the file, and who may change the record in its
//! present state may add and delete files; [`owners`] has that table. A file never changes. It is what it says it is:
//! its first bytes, its media type and the ending of its name agree. The same bytes are kept once on a record; on
//! another claim that is alive they are allowed and shown to those who verify claims (`also_on`).
//!
//! The bytes lie in [`blobs`], a folder or an S3 bucket, under the id of their row. They are written first and the row
//! after them, so a row without bytes cannot be; bytes without a row are found by the note that is written before them
//! ([`leftovers`]) and removed by a job.
//!
//! Operations: list, add, read, read the bytes, delete, history.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod blobs;
pub mod handlers;
pub mod json;
pub mod leftovers;
pub mod owners;
pub mod rules;
pub mod store;
pub mod twins;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_attachments)
        .service(handlers::create_attachment)
        .service(handlers::get_attachment)
        .service(handlers::get_attachment_content)
        .service(handlers::delete_attachment)
        .service(handlers::get_attachment_history);
}
