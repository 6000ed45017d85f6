//! Who may do what: one page, role by action by scope. What does not stand here is refused.
//!
//! `Office` means every board, `Board` the boards of the role (for accountants: those they look after today;
//! for everyone: also the boards that theirs succeeded). Boards, staff, accountants, cars and drivers are the
//! office's directory and readable by all who may sign in; everything that happens belongs to a board.
//! Where an action belongs to one person (the requester, the lead, the checker), the feature's `rules.rs`
//! narrows it further; no rule there can widen what is refused here.

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
    UseSession = "session.use" => [Admin Office, ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, BoardHead Office, Requester Office, Driver Office, Accountant Office];
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

    ManageFuelNorms = "fuel_norm.manage" => [ChiefAccountant Office, ChiefOfOffice Office];
    ManageFuelPrices = "fuel_price.manage" => [ChiefAccountant Office];
    ManageFuelTolerances = "fuel_tolerance.manage" => [ChiefAccountant Office, ChiefOfOffice Office];
    ReadRefuels = "refuel.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, Accountant Office, BoardHead Board, Requester Board, Driver Board];
    EnterRefuel = "refuel.enter" => [Dispatcher Office, Driver Board];
    ReadFuelStatements = "fuel_statement.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Dispatcher Office, Auditor Office, Accountant Office];
    ManageFuelStatements = "fuel_statement.manage" => [Dispatcher Office];

    ReadBookings = "booking.read" => [ChiefOfOffice Office, Dispatcher Office, Auditor Office, BoardHead Board, Requester Board];
    RequestCar = "booking.request" => [Requester Board, BoardHead Board];
    ApproveBooking = "booking.approve" => [ChiefOfOffice Office, BoardHead Board];
    DeclineBooking = "booking.decline" => [ChiefOfOffice Office, Dispatcher Office, BoardHead Board];
    CancelBooking = "booking.cancel" => [Dispatcher Office, BoardHead Board, Requester Board];

    ReadClaims = "claim.read" => [ChiefOfOffice Office, ChiefAccountant Office, Cashier Office, Auditor Office, BoardHead Board, Requester Board, Accountant Board];
    ClaimExpenses = "claim.claim" => [Requester Board, BoardHead Board];
    ConfirmClaim = "claim.confirm" => [BoardHead Board];
    VerifyClaim = "claim.verify" => [Accountant Board];
    DeclineClaim = "claim.decline" => [ChiefOfOffice Office, BoardHead Board, Accountant Board];
    ApproveClaim = "claim.approve" => [ChiefOfOffice Office];
    PayClaim = "claim.pay" => [Cashier Office];
    ReverseClaim = "claim.reverse" => [Cashier Office, ChiefOfOffice Office];

    ReadConferences = "conference.read" => [ChiefOfOffice Office, Auditor Office, BoardHead Board, Requester Board, Dispatcher Board, Driver Board, Accountant Board, Cashier Board, ChiefAccountant Office];
    HoldConference = "conference.hold" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
    CoordinateTask = "task.coordinate" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
    LeadTask = "task.lead" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    DecideObjection = "task.decide" => [ChiefOfOffice Office];
    CheckTask = "task.check" => [ChiefOfOffice Board, ChiefAccountant Board, Cashier Board, Dispatcher Board, BoardHead Board, Requester Board, Driver Board, Accountant Board];
    CancelTask = "task.cancel" => [ChiefOfOffice Office, BoardHead Board, Requester Board];
}

impl Action {
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
