//! Where the bytes lie: a folder, or a bucket of anything that speaks S3. Each file under its id.

use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, GetResult, ObjectStore, ObjectStoreExt, RetryConfig};
use uuid::Uuid;

use crate::config::ConfigError;
use crate::error::{ApiError, ApiResult};

/// One attempt may take this long; an upload is given a minute altogether.
const PATIENCE: Duration = Duration::from_secs(15);

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// Chooses who does the cryptography of outgoing TLS, once for the process: the same crate as for the database.
pub fn install_tls() {
    // An error says that somebody chose before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Blobs {
    /// Opens `s3://BUCKET/PREFIX`, with keys, region and endpoint from the usual variables (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`, `AWS_ALLOW_HTTP`), or else a folder, which is made if it
    /// is not there.
    ///
    /// # Errors
    /// Names the setting and says why the place cannot be used.
    pub fn open(place: &str) -> Result<Self, ConfigError> {
        let unusable = |error: &dyn std::fmt::Display| {
            ConfigError(format!("SHARED_OFFICE_ATTACHMENTS {place:?} cannot be used: {error}"))
        };
        install_tls();
        let Some(address) = place.strip_prefix("s3://") else {
            let folder = PathBuf::from(place);
            return Self::in_folder(&folder).map_err(|error| unusable(&error));
        };
        let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
        let patience =
            ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(Duration::from_secs(5));
        let patience = match std::env::var("AWS_ALLOW_HTTP").as_deref() {
            Ok("true" | "1") => patience.with_allow_http(true),
            _ => patience,
        };
        let retry = RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(patience)
            .with_retry(retry)
            .build()
            .map_err(|error| unusable(&error))?;
        let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|error| unusable(&error))?;
        Ok(Self { store: Arc::new(store), prefix })
    }

    /// A written file and its folder are synced before the write is answered: what was acknowledged outlives a power
    /// cut, as it does in the database.
    fn in_folder(folder: &Folder) -> Result<Self, Box<dyn std::error::Error>> {
        std::fs::create_dir_all(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), prefix: Path::default() })
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    /// Writes something, reads it and deletes it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn check(&self) -> Result<(), object_store::Error> {
        let probe = self.path("probe");
        self.store.put(&probe, Bytes::from_static(b"probe").into()).await?;
        self.store.get(&probe).await?.bytes().await?;
        self.store.delete(&probe).await
    }

    /// Keeps the bytes; when this returns they are safe.
    ///
    /// # Errors
    /// 503 when the store does not take them.
    pub async fn put(&self, id: Uuid, bytes: Bytes) -> ApiResult<()> {
        self.store.put(&self.path(&id.to_string()), bytes.into()).await.map_err(ApiError::unavailable)?;
        Ok(())
    }

    /// The bytes, as they come from the store.
    ///
    /// # Errors
    /// 503 when the store does not answer; 500 when it has not what a row promises.
    pub async fn get(&self, id: Uuid) -> ApiResult<GetResult> {
        self.store.get(&self.path(&id.to_string())).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => {
                ApiError::internal(format!("the bytes of attachment {id} are not in the store"))
            }
            error => ApiError::unavailable(error),
        })
    }

    /// Removes the bytes; that they are gone already is fine.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub async fn delete(&self, id: Uuid) -> ApiResult<()> {
        match self.store.delete(&self.path(&id.to_string())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ApiError::unavailable(error)),
        }
    }
}
