//! What every form has: who issues it, its day, and the people who sign it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::boards::{BoardKind, Column as BoardColumn, Entity as Boards, Model as Board};
use entity::{appointments, audit_events, staff};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use uuid::Uuid;

use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::forms::format;
use crate::forms::paper::{Block, Column, Face, Paper, Text};
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::staff::json::main_appointment;
use crate::staff::store::appointments_of;

/// The upper part of a form.
#[derive(Debug)]
pub struct Head {
    /// The office, e.g. `Văn phòng Tỉnh ủy`; nothing where no office lives on that day.
    pub unit: Option<String>,
    /// The board that the record belongs to; nothing where it belongs to none alone.
    pub board: Option<String>,
    /// Where papers are signed; nothing leaves dots.
    place: Option<String>,
    /// The day of the paper.
    day: NaiveDate,
    /// The day on which what it says was last changed, for the properties of the file.
    made_on: NaiveDate,
}

impl Head {
    /// `day` stands on the paper; `changed_at` is when what it says was last changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(
        db: &impl ConnectionTrait,
        call: &Call,
        board_id: Option<Uuid>,
        day: NaiveDate,
        changed_at: DateTime<Utc>,
    ) -> ApiResult<Self> {
        let board = match board_id {
            Some(id) => Boards::find_by_id(id).one(db).await?,
            None => None,
        };
        Ok(Self {
            unit: office(db, day).await?.map(|office| office.name),
            board: board.map(|board| board.name),
            place: call.app.place.clone(),
            day,
            made_on: office_day(changed_at),
        })
    }

    /// `Đắk Lắk, ngày 12 tháng 12 năm 2025`.
    pub fn place_and_day(&self) -> Text {
        let place = self.place.as_deref().unwrap_or("....................");
        Text::new(format!("{place}, {}", format::long_date(self.day))).italic()
    }

    /// The head of a paper of the Party: issuer and number on the left, the Party's title on the right.
    pub fn of_party(&self, number: &str) -> Block {
        let unit = self.unit.as_deref().unwrap_or(UNKNOWN).to_uppercase();
        let left = vec![
            Text::new(unit).bold().center().into(),
            Text::new("*").center().into(),
            Text::new(format!("Số {number}")).center().into(),
        ];
        let right = vec![
            Text::new("ĐẢNG CỘNG SẢN VIỆT NAM").bold().center().size(13.5).into(),
            Block::Rule(165.0),
            self.place_and_day().center().into(),
        ];
        Block::Columns(vec![Column::new(1.0, left), Column::new(1.25, right)])
    }

    /// The head of a form of the books: unit and board on the left, the state's title on the right, above it the form's
    /// code where it has one.
    pub fn of_state(&self, code: Option<&str>) -> Block {
        let of = |label: &str, name: &Option<String>| {
            let name = name.as_deref().unwrap_or(UNKNOWN);
            Block::from(Text::new(format!("{label}: ")).then(name, Face::Bold).size(11.5))
        };
        let code = code.map(|code| Text::new(format!("Mẫu số {code}")).bold().center().size(11.0).into());
        let mut right: Vec<Block> = code.into_iter().collect();
        right.extend([
            Text::new("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM").bold().center().size(12.0).into(),
            Text::new("Độc lập - Tự do - Hạnh phúc").bold().center().into(),
            Block::Rule(150.0),
        ]);
        let left = vec![of("Đơn vị", &self.unit), of("Bộ phận", &self.board)];
        Block::Columns(vec![Column::new(1.0, left), Column::new(1.35, right)])
    }

    /// The paper with its properties.
    pub fn paper(self, title: String, blocks: Vec<Block>) -> Paper {
        let on = self.made_on;
        let small = |number: u32| u8::try_from(number).unwrap_or(1);
        Paper {
            title,
            author: self.unit,
            made_on: (u16::try_from(on.year()).unwrap_or_default(), small(on.month()), small(on.day())),
            landscape: false,
            numbered: true,
            blocks,
        }
    }
}

/// Stands where nothing is known.
const UNKNOWN: &str = "..............................";

/// The name of a form, and what stands right below it.
pub fn title(name: &str, under: Vec<Text>) -> Block {
    let mut blocks = vec![Block::Gap(14.0), Text::new(name).bold().center().size(15.0).into()];
    blocks.extend(under.into_iter().map(|text| text.center().into()));
    blocks.push(Block::Gap(8.0));
    Block::Together(blocks)
}

/// The office that keeps the books for all boards on a day.
async fn office(db: &impl ConnectionTrait, on: NaiveDate) -> ApiResult<Option<Board>> {
    let living = Condition::any().add(BoardColumn::ValidTo.is_null()).add(BoardColumn::ValidTo.gte(on));
    let offices = Boards::find()
        .filter(BoardColumn::Kind.eq(BoardKind::Office))
        .filter(BoardColumn::ValidFrom.lte(on))
        .filter(living);
    Ok(offices.order_by_asc(BoardColumn::ValidFrom).order_by_asc(BoardColumn::Id).one(db).await?)
}

/// The people of a form, by id.
#[derive(Debug, Default)]
pub struct People {
    names: BTreeMap<Uuid, staff::Model>,
    appointments: BTreeMap<Uuid, Vec<appointments::Model>>,
}

impl People {
    /// # Errors
    /// When the database does not answer.
    pub async fn load(
        db: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = Option<Uuid>>,
    ) -> ApiResult<Self> {
        let ids: Vec<Uuid> = ids.into_iter().flatten().collect();
        let names = by_id::<staff::Entity, _>(db, ids.iter().copied(), staff::Column::Id).await?;
        Ok(Self { names, appointments: appointments_of(db, ids).await? })
    }

    /// Nothing for nobody: the form leaves dots there.
    pub fn name(&self, id: impl Into<Option<Uuid>>) -> Option<String> {
        self.names.get(&id.into()?).map(|person| person.full_name.clone())
    }

    /// The position of a person on a day as the decision words it.
    pub fn title(&self, id: Uuid, on: NaiveDate) -> Option<String> {
        main_appointment(self.appointments.get(&id)?, on)?.title.clone()
    }
}

/// The day on which somebody last took a step of a record; the day of its beginning where nobody noted that.
///
/// # Errors
/// When the database does not answer.
pub async fn happened_on(
    db: &impl ConnectionTrait,
    record_id: Uuid,
    step: &str,
    began_at: DateTime<Utc>,
) -> ApiResult<NaiveDate> {
    use audit_events::{Column, Entity, Model};
    let last = Entity::find()
        .filter(Column::ResourceId.eq(record_id))
        .filter(Column::Action.eq(step))
        .order_by_desc(Column::Seq)
        .one(db)
        .await?;
    // What was taken over from elsewhere says when it happened; the event itself is of the day of the taking over.
    let noted = |event: &Model| event.details.as_ref()?["happened_at"].as_str()?.parse().ok();
    Ok(office_day(last.map_or(began_at, |event| noted(&event).unwrap_or(event.occurred_at))))
}

/// 422: the record has not come so far that there is anything to sign.
pub fn not_ready(status: impl Serialize) -> ApiError {
    ApiError::new(
        Code::FormNotReady,
        text(
            "Ở trạng thái hiện tại hồ sơ không có biểu mẫu này.",
            "A record at this status has no such form.",
        ),
    )
    .with("current_status", status)
}
