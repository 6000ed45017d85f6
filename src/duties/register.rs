//! Who leads what on a day, and who answers for it: the whole register in a few queries, however much is asked of it.
//! Other features resolve duties here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{appointments, duties, duty_leads, office_unit_heads};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::dated;
use crate::error::ApiResult;
use crate::http::text::code_key;

/// The positions that head a board.
const HEADS_OF_BOARDS: [&str; 3] = ["board_head", "commission_chair", "chief_of_office"];

/// A board, or a unit of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Body {
    pub board_id: Uuid,
    pub unit_id: Option<Uuid>,
}

impl Body {
    pub fn board(board_id: Uuid) -> Self {
        Self { board_id, unit_id: None }
    }
}

impl From<&duty_leads::Model> for Body {
    fn from(lead: &duty_leads::Model) -> Self {
        Self { board_id: lead.lead_board_id, unit_id: lead.lead_unit_id }
    }
}

/// Who heads the boards and the units on a day.
#[derive(Debug, Default)]
pub struct Heads {
    boards: BTreeMap<Uuid, Uuid>,
    units: BTreeMap<Uuid, Uuid>,
}

impl Heads {
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait, on: NaiveDate) -> ApiResult<Self> {
        use {appointments::Column as Appointment, office_unit_heads::Column as Head};
        let mut heads = Self::default();
        let of_units = office_unit_heads::Entity::find();
        for row in of_units.filter(dated::on_day(Head::ValidFrom, Head::ValidTo, on)).all(db).await? {
            heads.units.insert(row.unit_id, row.staff_id);
        }
        let of_boards = appointments::Entity::find()
            .filter(Appointment::Position.is_in(HEADS_OF_BOARDS))
            .filter(dated::on_day(Appointment::ValidFrom, Appointment::ValidTo, on))
            .order_by_asc(Appointment::ValidFrom)
            .order_by_asc(Appointment::Id)
            .all(db)
            .await?;
        for row in of_boards {
            // Where two are appointed at once, the one who was so first answers.
            heads.boards.entry(row.board_id).or_insert(row.staff_id);
        }
        Ok(heads)
    }

    /// The one person who answers for a body.
    pub fn of(&self, body: Body) -> Option<Uuid> {
        match body.unit_id {
            Some(unit) => self.units.get(&unit).copied(),
            None => self.boards.get(&body.board_id).copied(),
        }
    }

    /// Whether somebody heads a board.
    pub fn is_of_board(&self, staff_id: Uuid) -> bool {
        self.boards.values().any(|head| *head == staff_id)
    }
}

/// The register as it stands on a day.
pub struct Register {
    /// By the key of their codes.
    duties: BTreeMap<String, duties::Model>,
    leads: BTreeMap<Uuid, Body>,
    pub heads: Heads,
}

impl Register {
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait, on: NaiveDate) -> ApiResult<Self> {
        use {duties::Column as Duty, duty_leads::Column as Lead};
        let duties = duties::Entity::find().filter(dated::on_day(Duty::ValidFrom, Duty::ValidTo, on));
        let duties = duties.all(db).await?;
        let leads = duty_leads::Entity::find().filter(dated::on_day(Lead::ValidFrom, Lead::ValidTo, on));
        let leads = leads.all(db).await?;
        Ok(Self {
            duties: duties.into_iter().map(|duty| (duty.code_key.clone(), duty)).collect(),
            leads: leads.iter().map(|lead| (lead.duty_id, Body::from(lead))).collect(),
            heads: Heads::load(db, on).await?,
        })
    }

    /// The duty with this code and the body that leads it; nothing where the register has none on the day.
    pub fn duty(&self, code: &str) -> Option<(&duties::Model, Body)> {
        let duty = self.duties.get(&code_key(code))?;
        self.leads.get(&duty.id).map(|body| (duty, *body))
    }
}
