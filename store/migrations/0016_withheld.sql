-- Findings that the budget kept from being alerts. Days that were scored before are scored anew by the next fold.
ALTER TABLE models.behaviors ADD COLUMN withheld BOOLEAN;
