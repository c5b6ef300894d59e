//! The kinds of change.

named! {
    /// The kinds of change, in the order of lists. Stored entries hold the number: a new kind gets the next one. The slug is
    /// the name in files, API calls and the log; the label that on pages.
    pub enum Action: slug, label {
        Schedule = 0 => "schedule", "Schedule";
        Reschedule = 1 => "reschedule", "Reschedule";
        Unschedule = 2 => "unschedule", "Unschedule";
        ChangeEmployee = 3 => "change_employee", "Change employee";
        Trade = 7 => "trade", "Trade";
        ScheduleSeveral = 8 => "schedule_several", "Schedule several";
        /// An employee's events of a day, reassigned to others.
        ReassignDay = 9 => "reassign_day", "Reassign a day";
        Repair = 10 => "repair", "Repair";
        /// Findings of the rules about a stored assignment.
        AcceptConflict = 38 => "accept_conflict", "Accept a conflict";
        /// The acceptance of a conflict was withdrawn.
        ReopenConflict = 39 => "reopen_conflict", "Take back an acceptance";
        /// A proposal of the auto-scheduler.
        AcceptProposal = 31 => "accept_proposal", "Accept a proposal";
        EditRotation = 32 => "edit_rotation", "Edit rotation";
        /// Undone within its window, as it was.
        Undo = 5 => "undo", "Undo";
        /// Undone later, as an ordinary change.
        Revert = 6 => "revert", "Revert";
        Import = 4 => "import", "Import";
        AddEmployee = 11 => "add_employee", "Add employee";
        EditEmployee = 12 => "edit_employee", "Edit employee";
        DeactivateEmployee = 13 => "deactivate_employee", "Deactivate employee";
        ReactivateEmployee = 14 => "reactivate_employee", "Reactivate employee";
        AddTimeOff = 15 => "add_time_off", "Add time off";
        RemoveTimeOff = 16 => "remove_time_off", "Remove time off";
        AddHoliday = 17 => "add_holiday", "Add holiday";
        RemoveHoliday = 18 => "remove_holiday", "Remove holiday";
        /// Records that are one employee, or spellings that are one store.
        Merge = 33 => "merge", "Merge";
        UndoMerge = 34 => "undo_merge", "Undo a merge";
        SignIn = 19 => "sign_in", "Sign in";
        SignOut = 20 => "sign_out", "Sign out";
        AddUser = 21 => "add_user", "Add user";
        /// A role, or a user's active state.
        ChangeUser = 22 => "change_user", "Change user";
        SetPassword = 23 => "set_password", "New password";
        /// A second factor was set up or removed, or a recovery code was used.
        SecondFactor = 35 => "second_factor", "Second factor";
        /// A link was asked for by a user who forgot their password.
        ForgotPassword = 36 => "forgot_password", "Forgotten password";
        EndSession = 24 => "end_session", "End sessions";
        /// Also the secret of a calendar feed.
        MakeToken = 25 => "make_token", "Create token";
        EndToken = 26 => "end_token", "Revoke token";
        /// A test message was sent to a channel of alerts.
        TestAlert = 27 => "test_alert", "Test alert";
        /// A table was taken out as a file.
        Export = 28 => "export", "Export";
        Backup = 29 => "backup", "Backup";
        Restore = 30 => "restore", "Restore";
        ArchiveAudit = 37 => "archive_audit", "Archive the audit";
    }
}

impl Action {
    /// The kind with a stored number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| *one as u8 == number)
    }

    /// Tells if the action is not about one event: the log reports a count.
    pub fn is_of_several(self) -> bool {
        matches!(self, Self::ScheduleSeveral | Self::ReassignDay | Self::Repair | Self::AcceptProposal)
    }
}
