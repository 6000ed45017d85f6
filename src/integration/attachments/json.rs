//! Parameters and bodies of the attachments' operations.

use chrono::{DateTime, Utc};
use entity::attachments::{Model, OwnerType};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;

/// The bytes of a file, as they are.
pub struct AttachmentBytes;

impl PartialSchema for AttachmentBytes {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        bytes.into()
    }
}

impl ToSchema for AttachmentBytes {}

/// What is said of a new file; its bytes are the body.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AttachmentIn {
    /// The kind of the record that the file belongs to.
    #[param(inline, example = "expense_claim")]
    pub owner_type: OwnerType,
    /// The record that the file belongs to.
    pub owner_id: Uuid,
    /// What the file shows: `invoice`, `ticket`, `boarding_pass`, `travel_permit`, `contract`, `photo`, `other`; the
    /// list may grow.
    #[param(min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$", example = "invoice")]
    pub kind: String,
    /// The name of the file without any path, ending in `.pdf`, `.jpg`, `.jpeg` or `.png` as its bytes are.
    #[param(min_length = 1, max_length = 200, example = "hoa-don.pdf")]
    pub file_name: String,
}

/// Which files.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct AttachmentFilter {
    /// The kind of the record that the files belong to.
    #[param(inline, example = "expense_claim")]
    pub owner_type: OwnerType,
    /// The record that the files belong to.
    pub owner_id: Uuid,
}

/// A file that belongs to a record. It never changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachmentOut {
    pub id: Uuid,
    /// Always 1.
    pub version: i64,
    pub owner_type: OwnerType,
    pub owner_id: Uuid,
    /// The record's board when the file came; null for a trip that carries nobody yet.
    pub board_id: Option<Uuid>,
    /// What the file shows, e.g. `invoice`; the list may grow.
    pub kind: String,
    pub file_name: String,
    /// `application/pdf`, `image/jpeg` or `image/png`, which is what its bytes are.
    pub media_type: String,
    pub size_bytes: i64,
    /// The SHA-256 of the bytes, in hexadecimal digits; also the `ETag` of the content.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// Other claims, alive and handed in, with a file of the very same bytes. Null for callers who neither verify nor
    /// oversee the record.
    pub also_on: Option<Vec<AttachmentTwin>>,
    pub uploaded_by_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

/// Another record with a file of the same bytes. Who verifies must know of it, so its number and its board are told
/// even where the record itself lies outside their reach.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachmentTwin {
    pub owner_type: OwnerType,
    /// Null outside the caller's reach.
    pub owner_id: Option<Uuid>,
    pub number: String,
    pub board_code: String,
}

impl AttachmentOut {
    pub fn new(row: Model, also_on: Option<Vec<AttachmentTwin>>) -> Self {
        let Model {
            id,
            owner_type,
            owner_id,
            board_id,
            kind,
            file_name,
            media_type,
            size_bytes,
            sha256,
            uploaded_by_id,
            version,
            created_at,
        } = row;
        Self {
            id,
            version,
            owner_type,
            owner_id,
            board_id,
            kind,
            file_name,
            media_type,
            size_bytes,
            sha256,
            also_on,
            uploaded_by_id,
            created_at,
        }
    }
}

impl Resource for AttachmentOut {
    const COLLECTION: &'static str = "/v1/attachments";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}
