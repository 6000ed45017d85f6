//! From what a template says of a task's people to the people themselves, as the register stands on the opening day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::conferences::Model as Conference;
use entity::duties::LeadPerson;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::accountants::acting::acting_on_each;
use crate::conferences::templates::json::{
    TaskTemplateItem, TaskTemplateOut, TemplateCoordinator, TemplateCoordinatorKind, TemplateLeadKind,
};
use crate::conferences::templates::rules::OWNER;
use crate::duties::register::{Body, Register};
use crate::error::{ApiResult, Text, text};

/// A body and the one person who answers for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    pub body: Body,
    pub staff_id: Uuid,
}

/// Why somebody cannot be named.
pub struct Unresolved {
    pub code: &'static str,
    pub detail: Text,
}

/// What is needed to name the people of all tasks of a template.
pub struct Resolver {
    pub register: Register,
    owner: Body,
    /// Who acts as accountant for the owner, by the days on which tasks are due.
    accountants: BTreeMap<NaiveDate, Uuid>,
}

impl Resolver {
    /// The days are those on which tasks of accountants are due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(
        db: &impl ConnectionTrait,
        conference: &Conference,
        template: &TaskTemplateOut,
        (opening, due_days): (NaiveDate, BTreeMap<&str, NaiveDate>),
    ) -> ApiResult<Self> {
        let register = Register::load(db, opening).await?;
        let owner_unit = template.owner_duty.as_deref().and_then(|code| register.duty(code));
        let owner = owner_unit
            .map(|(_, body)| body)
            .filter(|body| body.unit_id.is_some() && body.board_id == conference.board_id)
            .unwrap_or_else(|| Body::board(conference.board_id));
        let by_accountant = |item: &&TaskTemplateItem| {
            let named = item.coordinators.iter().map(|one| &one.r#ref).chain([&item.lead.r#ref]);
            named.into_iter().filter_map(|code| register.duty(code)).any(|(duty, _)| of_accountant(duty))
        };
        let days: BTreeSet<NaiveDate> = template
            .items
            .iter()
            .filter(by_accountant)
            .filter_map(|item| due_days.get(item.code.as_str()).copied())
            .collect();
        let mut accountants = BTreeMap::new();
        for day in days {
            let acting = acting_on_each(db, &BTreeSet::from([conference.board_id]), day).await?;
            accountants.extend(acting.values().map(|acting| (day, acting.staff_id)));
        }
        Ok(Self { register, owner, accountants })
    }

    /// Who leads a task.
    pub fn lead(&self, item: &TaskTemplateItem, due_on: NaiveDate) -> Result<Named, Unresolved> {
        match item.lead.kind {
            TemplateLeadKind::BoardRole if item.lead.r#ref == OWNER => self.headed(self.owner, OWNER),
            _ => self.by_duty(&item.lead.r#ref, due_on),
        }
    }

    /// Who helps with a task; nothing for bodies outside and for groups, which are no single body.
    pub fn coordinator(
        &self,
        one: &TemplateCoordinator,
        due_on: NaiveDate,
    ) -> Option<Result<Named, Unresolved>> {
        match one.kind {
            TemplateCoordinatorKind::External | TemplateCoordinatorKind::Group => None,
            TemplateCoordinatorKind::BoardRole if one.r#ref == OWNER => Some(self.headed(self.owner, OWNER)),
            _ => Some(self.by_duty(&one.r#ref, due_on)),
        }
    }

    /// A body with its head, if it has one.
    pub fn head_of(&self, body: Body) -> Option<Named> {
        self.register.heads.of(body).map(|staff_id| Named { body, staff_id })
    }

    fn by_duty(&self, code: &str, due_on: NaiveDate) -> Result<Named, Unresolved> {
        let Some((duty, body)) = self.register.duty(code) else {
            let detail = text(
                format!("sổ phân công không có nhiệm vụ {code} vào ngày khai mạc"),
                format!("the register has no duty {code} on the opening day"),
            );
            return Err(Unresolved { code: "unknown_duty", detail });
        };
        if !of_accountant(duty) {
            return self.headed(body, code);
        }
        let staff_id = self.accountants.get(&due_on).copied();
        staff_id.map(|staff_id| Named { body, staff_id }).ok_or_else(|| Unresolved {
            code: "unresolvable",
            detail: text(
                format!("ban chủ trì không có kế toán phụ trách vào ngày {due_on}"),
                format!("the board that holds the conference has no accountant on {due_on}"),
            ),
        })
    }

    fn headed(&self, body: Body, code: &str) -> Result<Named, Unresolved> {
        self.head_of(body).ok_or_else(|| Unresolved {
            code: "unresolvable",
            detail: text(
                format!("cơ quan chủ trì {code} không có người đứng đầu vào ngày khai mạc"),
                format!("the body that leads {code} has no head on the opening day"),
            ),
        })
    }
}

fn of_accountant(duty: &entity::duties::Model) -> bool {
    duty.lead_person == LeadPerson::BoardAccountant
}
