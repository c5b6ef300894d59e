//! The kinds of change.

/// The kinds of change, in the order of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Schedule,
    Reschedule,
    Unschedule,
    ChangeEmployee,
    Trade,
    ScheduleSeveral,
    /// An employee's events of a day, reassigned to others.
    ReassignDay,
    Repair,
    /// Findings of the rules about a stored assignment.
    AcceptConflict,
    /// The acceptance of a conflict was withdrawn.
    ReopenConflict,
    /// A proposal of the auto-scheduler.
    AcceptProposal,
    EditRotation,
    /// Undone within its window, as it was.
    Undo,
    /// Undone later, as an ordinary change.
    Revert,
    Import,
    AddEmployee,
    EditEmployee,
    DeactivateEmployee,
    ReactivateEmployee,
    AddTimeOff,
    RemoveTimeOff,
    AddHoliday,
    RemoveHoliday,
    /// Records that are one employee, or spellings that are one store.
    Merge,
    UndoMerge,
    SignIn,
    SignOut,
    AddUser,
    /// A role, or a user's active state.
    ChangeUser,
    SetPassword,
    /// A second factor was set up or removed, or a recovery code was used.
    SecondFactor,
    /// A link was asked for by a user who forgot their password.
    ForgotPassword,
    EndSession,
    /// Also the secret of a calendar feed.
    MakeToken,
    EndToken,
    /// A test message was sent to a channel of alerts.
    TestAlert,
    /// A table was taken out as a file.
    Export,
    Backup,
    Restore,
    ArchiveAudit,
}

impl Action {
    /// Stored entries hold the position of their action: a new one goes to the end.
    pub const ALL: [Self; 40] = [
        Self::Schedule,
        Self::Reschedule,
        Self::Unschedule,
        Self::ChangeEmployee,
        Self::Import,
        Self::Undo,
        Self::Revert,
        Self::Trade,
        Self::ScheduleSeveral,
        Self::ReassignDay,
        Self::Repair,
        Self::AddEmployee,
        Self::EditEmployee,
        Self::DeactivateEmployee,
        Self::ReactivateEmployee,
        Self::AddTimeOff,
        Self::RemoveTimeOff,
        Self::AddHoliday,
        Self::RemoveHoliday,
        Self::SignIn,
        Self::SignOut,
        Self::AddUser,
        Self::ChangeUser,
        Self::SetPassword,
        Self::EndSession,
        Self::MakeToken,
        Self::EndToken,
        Self::TestAlert,
        Self::Export,
        Self::Backup,
        Self::Restore,
        Self::AcceptProposal,
        Self::EditRotation,
        Self::Merge,
        Self::UndoMerge,
        Self::SecondFactor,
        Self::ForgotPassword,
        Self::ArchiveAudit,
        Self::AcceptConflict,
        Self::ReopenConflict,
    ];

    /// Every action, in the order of lists.
    pub fn sorted() -> [Self; 40] {
        let mut all = Self::ALL;
        all.sort_unstable();
        all
    }

    /// Tells if the action is not about one event: the log reports a count.
    pub fn is_of_several(self) -> bool {
        matches!(self, Self::ScheduleSeveral | Self::ReassignDay | Self::Repair | Self::AcceptProposal)
    }

    /// The name in files, API calls and the log.
    pub fn slug(self) -> &'static str {
        self.names().0
    }

    /// The name on pages.
    pub fn label(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Schedule => ("schedule", "Schedule"),
            Self::Reschedule => ("reschedule", "Reschedule"),
            Self::Unschedule => ("unschedule", "Unschedule"),
            Self::ChangeEmployee => ("change_employee", "Change employee"),
            Self::Trade => ("trade", "Trade"),
            Self::ScheduleSeveral => ("schedule_several", "Schedule several"),
            Self::ReassignDay => ("reassign_day", "Reassign a day"),
            Self::Repair => ("repair", "Repair"),
            Self::AcceptConflict => ("accept_conflict", "Accept a conflict"),
            Self::ReopenConflict => ("reopen_conflict", "Take back an acceptance"),
            Self::AcceptProposal => ("accept_proposal", "Accept a proposal"),
            Self::EditRotation => ("edit_rotation", "Edit rotation"),
            Self::Undo => ("undo", "Undo"),
            Self::Revert => ("revert", "Revert"),
            Self::Import => ("import", "Import"),
            Self::AddEmployee => ("add_employee", "Add employee"),
            Self::EditEmployee => ("edit_employee", "Edit employee"),
            Self::DeactivateEmployee => ("deactivate_employee", "Deactivate employee"),
            Self::ReactivateEmployee => ("reactivate_employee", "Reactivate employee"),
            Self::AddTimeOff => ("add_time_off", "Add time off"),
            Self::RemoveTimeOff => ("remove_time_off", "Remove time off"),
            Self::AddHoliday => ("add_holiday", "Add holiday"),
            Self::RemoveHoliday => ("remove_holiday", "Remove holiday"),
            Self::Merge => ("merge", "Merge"),
            Self::UndoMerge => ("undo_merge", "Undo a merge"),
            Self::SignIn => ("sign_in", "Sign in"),
            Self::SignOut => ("sign_out", "Sign out"),
            Self::AddUser => ("add_user", "Add user"),
            Self::ChangeUser => ("change_user", "Change user"),
            Self::SetPassword => ("set_password", "New password"),
            Self::SecondFactor => ("second_factor", "Second factor"),
            Self::ForgotPassword => ("forgot_password", "Forgotten password"),
            Self::EndSession => ("end_session", "End sessions"),
            Self::MakeToken => ("make_token", "Create token"),
            Self::EndToken => ("end_token", "Revoke token"),
            Self::TestAlert => ("test_alert", "Test alert"),
            Self::Export => ("export", "Export"),
            Self::Backup => ("backup", "Backup"),
            Self::Restore => ("restore", "Restore"),
            Self::ArchiveAudit => ("archive_audit", "Archive the audit"),
        }
    }
}
