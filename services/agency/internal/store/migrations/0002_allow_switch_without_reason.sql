-- +goose Up

-- A reason is offered to whoever moves a switch, not demanded: who moved it and when is in the audit log either way.
ALTER TABLE agency.module_switch DROP CONSTRAINT module_switch_check;
