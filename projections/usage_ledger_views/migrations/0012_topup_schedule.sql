-- Top-ups may be triggered by a schedule. Runs before the code that needs it: an older projector goes on writing, and what
-- it writes of a schedule is missing until the account is configured again, or the views are replayed.
ALTER TABLE views.topup_terms ADD COLUMN schedule text;                        -- day, week, month; null = none
ALTER TABLE views.topups ADD COLUMN trigger text NOT NULL DEFAULT 'balance';   -- balance, schedule
