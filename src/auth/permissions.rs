//! Who may do what: one page, role by action by scope. What does not stand here is refused.
//!
//! `Office` means every board, `Board` the boards of the role (for accountants: those they look after today;
//! for everyone: also the boards that theirs succeeded). Boards, staff, accountants, cars and drivers are the
//! office's directory and readable by all who may sign in; everything that happens belongs to a board.
//! Where an action belongs to one person (the requester, the lead, the checker), the feature's `rules.rs`
//! narrows it further; no rule there can widen what is refused here.
//!
//! A service account has the rights of its owner, cut down to its scopes and boards: see [`Limits`].

use entity::user_roles::Role;
use uuid::Uuid;

use Role::{
    Accountant, Admin, Auditor, BoardHead, Cashier, ChiefAccountant, ChiefOfOffice, Dispatcher, Driver,
    Requester,
};
use Scope::{Board, Office};

/// How far a role's right to an action goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Office,
    Board,
}

macro_rules! actions {
    ($($variant:ident = $name:literal => [$($role:ident $scope:ident),*];)*) => {
        /// The verbs of the office. Every operation of the document names one in `x-action`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($variant),* }

        impl Action {
            pub const ALL: &'static [Action] = &[$(Action::$variant),*];

            /// The action on the wire, e.g. `claim.approve`.
            pub fn name(self) -> &'static str {
                match self { $(Action::$variant => $name),* }
            }

            /// The roles that may, and how far.
            pub fn granted_to(self) -> &'static [(Role, Scope)] {
                match self { $(Action::$variant => &[$(($role, $scope)),*]),* }
            }
        }
    };
}

actions! {
    // For everyone, signed in or not.
    Visit = "visit" => [];
    // For everyone who is signed in.
    ReadMe = "me.read" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
    UseSession = "session.use" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
    MarkNotifications = "notification.mark" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
    FollowCalendar = "calendar.follow" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
    ReadDirectory = "directory.read" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
    ReadChanges = "changes.read" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];

    ReadUsers = "user.read" => [Admin Office, Auditor Office];
    ManageUsers = "user.manage" => [Admin Office];
    ManageBoards = "board.manage" => [Admin Office, ChiefOfOffice Office];
    ManageStaff = "staff.manage" => [Admin Office, ChiefOfOffice Office];
    ManageAccountants = "accountant.manage" => [ChiefAccountant Office, ChiefOfOffice Office];
    ReadWorkload = "accountant.read_workload" => [ChiefAccountant Office, ChiefOfOffice Office, Auditor Office, Accountant Office];

    ManageVehicles = "vehicle.manage" => [Dispatcher Office];
    ManageDrivers = "driver.manage" => [Dispatcher Office];
    ConsentOdometer = "odometer.consent" => [ChiefOfOffice Office, Dispatcher Office];
    ManageDriverHours = "driver_hours.manage" => [ChiefOfOffice Office];

    ReadTrips = "trip.read" => [ChiefOfOffice Office, ChiefAccountant Office, Dispatcher Office, Auditor Office, BoardHead Board, Requester Board, Accountant Board, Driver Board];
    DispatchTrip = "trip.dispatch" => [Dispatcher Office];
    DriveTrip = "trip.drive" => [Dispatcher Office, Driver Board];

    ManageFuelNorms = "fuel_norm.manage" => [ChiefAccountant Office, ChiefOfOffice Office];
    ManageFuelPrices = "fuel_price.manage" => [ChiefAccountant Office];
    ManageFuelTolerances = "fuel_tolerance.manage" => [ChiefAccountant Office, ChiefOfOffice Office];
    ReadRefuels = "refuel.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, Accountant Office, BoardHead Board, Requester Board, Driver Board];
    EnterRefuel = "refuel.enter" => [Dispatcher Office, Driver Board];
    ReadFuelStatements = "fuel_statement.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, Accountant Office];
    ManageFuelStatements = "fuel_statement.manage" => [Dispatcher Office];

    ManageRates = "rate.manage" => [ChiefAccountant Office];
    EstimateTravel = "travel.estimate" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];

    ReadBookings = "booking.read" => [ChiefOfOffice Office, Dispatcher Office, Auditor Office, BoardHead Board, Requester Board];
    RequestCar = "booking.request" => [Requester Board, BoardHead Board];
    ApproveBooking = "booking.approve" => [ChiefOfOffice Office, BoardHead Board];
    DeclineBooking = "booking.decline" => [ChiefOfOffice Office, Dispatcher Office, BoardHead Board];
    CancelBooking = "booking.cancel" => [Dispatcher Office, BoardHead Board, Requester Board];

    ReadTravel = "travel.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Auditor Office, BoardHead Board, Requester Board, Accountant Board, Dispatcher Board, Driver Board];
    RequestTravel = "travel.request" => [Requester Board, BoardHead Board];
    CheckTravelFunds = "travel.check_funds" => [Accountant Board];
    ApproveTravel = "travel.approve" => [ChiefOfOffice Office, BoardHead Board];
    DeclineTravel = "travel.decline" => [ChiefOfOffice Office, BoardHead Board, Accountant Board];
    CancelTravel = "travel.cancel" => [Requester Board, BoardHead Board];
    SettleTravel = "travel.settle" => [Accountant Board];

    ReadClaims = "claim.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Auditor Office, BoardHead Board, Requester Board, Accountant Board];
    ClaimExpenses = "claim.claim" => [Requester Board, BoardHead Board];
    ConfirmClaim = "claim.confirm" => [BoardHead Board];
    VerifyClaim = "claim.verify" => [Accountant Board];
    DeclineClaim = "claim.decline" => [ChiefOfOffice Office, BoardHead Board, Accountant Board];
    ApproveClaim = "claim.approve" => [ChiefOfOffice Office];
    PayClaim = "claim.pay" => [Cashier Office];
    ReverseClaim = "claim.reverse" => [Cashier Office, ChiefOfOffice Office];

    RequestAdvance = "advance.request" => [Requester Board, BoardHead Board];
    ApproveAdvance = "advance.approve" => [ChiefOfOffice Office];
    PayAdvance = "advance.pay" => [Cashier Office];

    ReadBudget = "budget.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Auditor Office, BoardHead Board, Accountant Board];
    ManageBudget = "budget.manage" => [ChiefAccountant Office];
    DecideBudget = "budget.decide" => [ChiefOfOffice Office];
    SignTransfer = "budget.sign" => [ChiefOfOffice Office, BoardHead Board];
    ManageBudgetYears = "budget_year.manage" => [ChiefAccountant Office];
    CloseBudgetYear = "budget_year.close" => [ChiefOfOffice Office];

    // A review is about all boards at once, so it is the office's.
    ReadReviews = "review.read" => [ChiefOfOffice Office, ChiefAccountant Office, Auditor Office];
    ManageReviews = "review.manage" => [ChiefOfOffice Office];
    ApproveReview = "review.approve" => [ChiefOfOffice Office];

    ReadReports = "report.read" => [ChiefOfOffice Office, ChiefAccountant Office, Auditor Office, Accountant Board, BoardHead Board];

    // A file is read and changed with its record; these let people of every part knock at the door.
    ReadAttachments = "attachment.read" => [ChiefOfOffice Office, ChiefAccountant Office, Auditor Office, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    ManageAttachments = "attachment.manage" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];

    ReadConferences = "conference.read" => [ChiefOfOffice Office, Auditor Office, BoardHead Board, Requester Board, Dispatcher Board, Driver Board, Accountant Board, Cashier Board, ChiefAccountant Office];
    HoldConference = "conference.hold" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
    EstimateConference = "conference.estimate" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
    ReadConferenceCosts = "conference.read_costs" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Auditor Office, BoardHead Board, Requester Board, Accountant Board];
    PlanConferenceCosts = "conference.plan_costs" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
    CheckConferenceFunds = "conference.check_funds" => [Accountant Board];
    CommitConferenceFunds = "conference.commit_funds" => [ChiefOfOffice Office, BoardHead Board];
    SettleConferenceCosts = "conference.settle_costs" => [Accountant Board];
    HoldReception = "reception.hold" => [ChiefOfOffice Office, BoardHead Board];
    CoordinateTask = "task.coordinate" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
    LeadTask = "task.lead" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    DecideObjection = "task.decide" => [ChiefOfOffice Office];
    CheckTask = "task.check" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    CancelTask = "task.cancel" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
    ManageDuties = "duty.manage" => [ChiefOfOffice Office];
    ManageTemplates = "template.manage" => [ChiefOfOffice Office];
    DoPart = "task.part" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];

    // Reporters, owners and leads of measures are people of any part; the rules of the feature name them.
    ReadObstacles = "obstacle.read" => [ChiefOfOffice Office, Auditor Office, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    ReportObstacle = "obstacle.report" => [ChiefOfOffice Office, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    AcceptObstacle = "obstacle.accept" => [ChiefOfOffice Office];
    ResolveObstacle = "obstacle.resolve" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    VerifyObstacle = "obstacle.verify" => [ChiefOfOffice Office, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    ProposeMeasure = "measure.propose" => [ChiefOfOffice Office, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    ConsentMeasure = "measure.consent" => [ChiefOfOffice Office, BoardHead Board];
    LeadMeasure = "measure.lead" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    JudgeMeasure = "measure.judge" => [ChiefOfOffice Office, BoardHead Board];
}

/// What a person does with their own login or with the rights of others: never the scope of a service account. The
/// address of a calendar would outlive the key with which it was asked for.
const FOR_PEOPLE_ONLY: &[Action] = &[
    Action::Visit,
    Action::ReadMe,
    Action::UseSession,
    Action::MarkNotifications,
    Action::FollowCalendar,
    Action::ReadUsers,
    Action::ManageUsers,
];

/// What belongs to no board and everybody may read or ask: a limit to boards leaves it as it is.
const READ_BY_ALL: &[Action] = &[
    Action::ReadMe,
    Action::ReadDirectory,
    Action::ReadChanges,
    Action::EstimateTravel,
    Action::EstimateConference,
];

/// What concerns the whole office and no single board: a service account limited to boards may not do it at all.
/// Every action that has the reach `Office` only and asks for no board stands here.
const OF_WHOLE_OFFICE: &[Action] = &[
    Action::ManageBoards,
    Action::ManageStaff,
    Action::ManageAccountants,
    Action::ReadWorkload,
    Action::ManageVehicles,
    Action::ManageDrivers,
    Action::ConsentOdometer,
    Action::ManageDriverHours,
    Action::DispatchTrip,
    Action::DriveTrip,
    Action::ManageFuelNorms,
    Action::ManageFuelPrices,
    Action::ManageFuelTolerances,
    Action::EnterRefuel,
    Action::ReadFuelStatements,
    Action::ManageFuelStatements,
    Action::ManageRates,
    Action::ManageDuties,
    Action::ManageTemplates,
    Action::ManageBudgetYears,
    Action::CloseBudgetYear,
    Action::ReadReviews,
    Action::ManageReviews,
    Action::ApproveReview,
];

impl Action {
    /// Whether a service account can have the action as a scope.
    pub fn can_be_a_scope(self) -> bool {
        !FOR_PEOPLE_ONLY.contains(&self)
    }

    /// Whether the action can be limited to boards.
    pub fn can_be_limited_to_boards(self) -> bool {
        !OF_WHOLE_OFFICE.contains(&self)
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// One role that a caller has today; without a board for the roles of the whole office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub role: Role,
    pub board_id: Option<Uuid>,
}

/// The boards in which somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing of anybody.
    None,
    /// These boards. May be empty for people who are involved in records of other boards only.
    Boards(Vec<Uuid>),
    /// All boards.
    Office,
}

/// What a service account may do at most: never more than its owner, and of that only this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub scopes: Vec<Action>,
    /// These boards and no others; nothing for all that the owner reaches.
    pub boards: Option<Vec<Uuid>>,
}

impl Limits {
    /// What is left of the owner's reach.
    pub fn narrow(&self, action: Action, reach: Reach) -> Reach {
        // Asking who it is tells a script whether its key still works; it needs no scope.
        if action != Action::ReadMe && !self.scopes.contains(&action) {
            return Reach::None;
        }
        let Some(boards) = &self.boards else { return reach };
        if READ_BY_ALL.contains(&action) {
            return reach;
        }
        if !action.can_be_limited_to_boards() {
            return Reach::None;
        }
        match reach {
            Reach::None => Reach::None,
            Reach::Office => Reach::Boards(boards.clone()),
            Reach::Boards(own) => {
                Reach::Boards(own.into_iter().filter(|board| boards.contains(board)).collect())
            }
        }
    }

    pub fn cover(&self, board_id: Uuid) -> bool {
        self.boards.as_ref().is_none_or(|boards| boards.contains(&board_id))
    }
}

impl Reach {
    /// What these grants give for an action.
    pub fn of(action: Action, grants: &[Grant]) -> Self {
        let mut boards = Vec::new();
        let mut any = false;
        for grant in grants {
            for (role, scope) in action.granted_to() {
                if grant.role != *role {
                    continue;
                }
                any = true;
                match scope {
                    Scope::Office => return Self::Office,
                    Scope::Board => boards.extend(grant.board_id),
                }
            }
        }
        if any { Self::Boards(boards) } else { Self::None }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::None
    }

    pub fn covers(&self, board_id: Uuid) -> bool {
        match self {
            Self::None => false,
            Self::Boards(boards) => boards.contains(&board_id),
            Self::Office => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Actions of the whole office that nevertheless ask for the board of the record: a limit to boards holds.
    const ASK_FOR_THE_BOARD: [Action; 9] = [
        Action::ApproveClaim,
        Action::PayClaim,
        Action::ReverseClaim,
        Action::ApproveAdvance,
        Action::PayAdvance,
        Action::DecideObjection,
        Action::ManageBudget,
        Action::DecideBudget,
        Action::AcceptObstacle,
    ];

    #[test]
    fn a_limit_to_boards_is_thought_of_for_every_action() {
        for action in Action::ALL {
            let for_office_only = action.granted_to().iter().all(|(_, scope)| *scope == Office);
            let lists: [&[Action]; 4] = [FOR_PEOPLE_ONLY, READ_BY_ALL, OF_WHOLE_OFFICE, &ASK_FOR_THE_BOARD];
            assert!(
                !for_office_only || lists.iter().any(|list| list.contains(action)),
                "{}: does it ask for a board? Then it stands in ASK_FOR_THE_BOARD, else in OF_WHOLE_OFFICE",
                action.name()
            );
        }
    }
}
