//! Lists: pages by key, not by offset. A cursor says after which record to go on; it is signed and belongs
//! to one list with one set of filters and one order.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Value,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::error::{ApiError, ApiResult, Code, text};
use crate::http::call::Call;
use crate::http::reply::Reply;

/// How many records, and after which.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many records a page holds at most, 50 unless given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before. It is valid only with the same filters and the same order.
    #[param(min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
    /// Whether to count all records that match. It costs a second query, so ask only where it is shown.
    pub include_total: Option<bool>,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; null on the last page.
    #[schema(max_length = 1000)]
    pub next_cursor: Option<String>,
    /// How many records match; null unless `include_total=true` was sent.
    pub total: Option<i64>,
}

/// By which column a list is ordered; ties are broken by the id.
pub struct Order<E: EntityTrait> {
    pub column: E::Column,
    pub descending: bool,
}

/// What a cursor holds before it is signed.
#[derive(Serialize, Deserialize)]
struct Position {
    key: serde_json::Value,
    id: Uuid,
    list: String,
}

const SIGNATURE: usize = 16;

impl PageParams {
    fn limit(&self) -> u64 {
        self.limit.and_then(|limit| u64::try_from(limit).ok()).unwrap_or(50)
    }
}

/// Reads one page of a query and turns each row into what the caller sees.
///
/// `list` names the list and its filters: a cursor of another one is refused.
///
/// # Errors
/// 422 `invalid_cursor`.
pub async fn load<E>(
    call: &Call,
    select: Select<E>,
    order: Order<E>,
    id: E::Column,
    params: &PageParams,
    list: &impl Serialize,
) -> ApiResult<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    let db = call.db();
    let list = fingerprint::<E>(&order, list);
    let total = match params.include_total {
        Some(true) => {
            select.clone().select_only().column_as(id.count(), "total").into_tuple::<i64>().one(db).await?
        }
        _ => None,
    };
    let after = params.cursor.as_deref().map(|cursor| read_cursor(call, cursor, &list)).transpose()?;
    let mut select = select;
    if let Some(position) = after {
        select = select.filter(beyond(&order, id, &position)?);
    }
    let direction = if order.descending { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let limit = params.limit();
    // One more than asked for tells whether there is a next page.
    let mut rows = select
        .order_by(order.column, direction.clone())
        .order_by(id, direction)
        .limit(limit + 1)
        .all(db)
        .await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| more);
    let next_cursor =
        last.map(|row| write_cursor(call, row.get(order.column), row.get(id), list)).transpose()?;
    Ok(Page { items: rows, next_cursor, total })
}

/// One page of a list that was put together from several tables, in the order of its keys. The whole list is at hand,
/// so that is for lists which stay short.
///
/// # Errors
/// 422 `invalid_cursor`.
pub(crate) fn cut<T>(
    call: &Call,
    mut all: Vec<T>,
    key: impl Fn(&T) -> (DateTime<Utc>, Uuid),
    params: &PageParams,
    list: &impl Serialize,
) -> ApiResult<Page<T>> {
    let list: String = digest(&json!(list).to_string());
    let total = params.include_total.filter(|wanted| *wanted).and_then(|_| i64::try_from(all.len()).ok());
    all.sort_by_key(&key);
    if let Some(cursor) = params.cursor.as_deref() {
        let position = read_cursor(call, cursor, &list)?;
        let at = position.key.as_str().and_then(|at| at.parse().ok()).ok_or_else(invalid_cursor)?;
        all.retain(|item| key(item) > (at, position.id));
    }
    let limit = usize::try_from(params.limit()).unwrap_or(usize::MAX);
    let more = all.len() > limit;
    all.truncate(limit);
    let last = all.last().filter(|_| more).map(&key);
    let next_cursor = last.map(|(at, id)| write_cursor(call, at.into(), id.into(), list)).transpose()?;
    Ok(Page { items: all, next_cursor, total })
}

impl<T> Page<T> {
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next_cursor: self.next_cursor,
            total: self.total,
        }
    }
}

impl<T: Serialize> Page<T> {
    /// 200 with the page, and with the address of the next one in `Link` (RFC 8288).
    ///
    /// # Errors
    /// As [`Reply::plain`].
    pub fn reply(self, request: &actix_web::HttpRequest) -> ApiResult<Reply<Self>> {
        let link = self.next_cursor.as_ref().map(|cursor| {
            let mut query: Vec<(String, String)> =
                url::form_urlencoded::parse(request.query_string().as_bytes())
                    .filter(|(name, _)| name != "cursor")
                    .map(|(name, value)| (name.into_owned(), value.into_owned()))
                    .collect();
            query.push(("cursor".to_owned(), cursor.clone()));
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            format!("<{}?{query}>; rel=\"next\"", request.path())
        });
        Ok(Reply::plain(&self)?.with_link(link))
    }
}

fn fingerprint<E: EntityTrait>(order: &Order<E>, list: &impl Serialize) -> String {
    let name = sea_orm::Iden::unquoted(&order.column).to_string();
    let table = E::default().table_name().to_owned();
    let text = json!([table, name, order.descending, list]).to_string();
    digest(&text)
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// "After this record" as a condition: the key is further, or it is equal and the id is.
fn beyond<E: EntityTrait>(order: &Order<E>, id: E::Column, position: &Position) -> ApiResult<Condition> {
    let key = sql_value(&order.column, &position.key).ok_or_else(invalid_cursor)?;
    let (column, id) = (Expr::col(order.column.as_column_ref()), Expr::col(id.as_column_ref()));
    let further = |left: SimpleExpr, right: Value| -> SimpleExpr {
        if order.descending { left.lt(right) } else { left.gt(right) }
    };
    let tie = column.clone().eq(key.clone()).and(further(id, position.id.into()));
    Ok(Condition::any().add(further(column, key)).add(tie.into_condition()))
}

/// A key travels as JSON; the column's type says how to read it back.
fn sql_value(column: &impl ColumnTrait, key: &serde_json::Value) -> Option<Value> {
    use sea_orm::sea_query::ColumnType;
    Some(match column.def().get_column_type() {
        ColumnType::TimestampWithTimeZone => key.as_str()?.parse::<DateTime<Utc>>().ok()?.into(),
        ColumnType::Date => key.as_str()?.parse::<NaiveDate>().ok()?.into(),
        ColumnType::BigInteger => key.as_i64()?.into(),
        _ => key.as_str()?.into(),
    })
}

fn json_value(value: Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::String(Some(text)) => json!(text),
        Value::BigInt(Some(number)) => json!(number),
        Value::ChronoDateTimeUtc(Some(at)) => json!(at),
        Value::ChronoDate(Some(day)) => json!(day),
        _ => return None,
    })
}

fn write_cursor(call: &Call, key: Value, id: Value, list: String) -> ApiResult<String> {
    let Value::Uuid(Some(id)) = id else { return Err(ApiError::internal("a list is not ordered by an id")) };
    let key = json_value(key)
        .ok_or_else(|| ApiError::internal("a list is ordered by a column of no known type"))?;
    let content = serde_json::to_vec(&Position { key, id, list }).map_err(ApiError::internal)?;
    let mut bytes = call.app.tokens.sign_cursor(&content)[..SIGNATURE].to_vec();
    bytes.extend(content);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn read_cursor(call: &Call, cursor: &str, list: &str) -> ApiResult<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid_cursor())?;
    let (signature, content) = bytes.split_at_checked(SIGNATURE).ok_or_else(invalid_cursor)?;
    if call.app.tokens.sign_cursor(content)[..SIGNATURE] != *signature {
        return Err(invalid_cursor());
    }
    let position: Position = serde_json::from_slice(content).map_err(|_| invalid_cursor())?;
    if position.list == list { Ok(position) } else { Err(invalid_cursor()) }
}

pub(crate) fn invalid_cursor() -> ApiError {
    ApiError::new(
        Code::InvalidCursor,
        text(
            "Con trỏ phải là next_cursor của chính danh sách này, với cùng bộ lọc và thứ tự.",
            "A cursor must be the next_cursor of this very list, with the same filters and order.",
        ),
    )
}

/// Names of a set of rows by id, for lists that show a related record: one query for a whole page.
pub async fn by_id<E, C>(
    db: &C,
    ids: impl IntoIterator<Item = Uuid>,
    id: E::Column,
) -> ApiResult<BTreeMap<Uuid, E::Model>>
where
    E: EntityTrait,
    C: ConnectionTrait,
{
    let ids: std::collections::BTreeSet<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = E::find().filter(id.is_in(ids)).all(db).await?;
    rows.into_iter()
        .map(|row| match row.get(id) {
            Value::Uuid(Some(key)) => Ok((key, row)),
            _ => Err(ApiError::internal("a record has no id")),
        })
        .collect()
}
