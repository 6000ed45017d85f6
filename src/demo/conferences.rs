//! The demo office's conferences.

use crate::demo::Demo;
use crate::error::ApiResult;
use crate::write::Tx;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(_tx: &Tx, _demo: &Demo) -> ApiResult<()> {
    Ok(())
}
