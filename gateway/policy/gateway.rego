# The first of the three layers that say no: whether a caller may reach a method at all. Rules per method and role are in
# data.json, which is generated from the method options and roles.yaml; this file only says how they combine.
# Everything is denied that no rule permits, and a method that is not in the data is unknown.
package fleet.gateway

# Age in seconds up to which a second factor counts as recent.
step_up_window := 900

default allow := false

# The ordinary call: a person at work for one agency. It says nothing that the next rule does not say; it is here because it
# answers most questions with half the work.
allow if {
	input.actor == "human"
	input.acr == "2"
	input.cross_agency == false
	input.agency_id > 0
	rule := data.fleet.methods[input.method]
	rule.step_up == false
	rule.actors.human
	some role, _ in input.roles
	some scope, _ in rule.scopes
	input.scopes[scope]
	data.fleet.roles[role].scopes[scope]
	not input.disabled_modules[rule.module]
}

allow if {
	actor_ok
	policy_version_ok
	second_factor_ok
	step_up_ok
	granted
	tenancy_ok
	module_ok
}

# What to tell the caller, asked for only after allow said no. The order is that of the checks in the services.
reason := "METHOD_UNKNOWN" if {
	not method
} else := "ACTOR_NOT_ALLOWED" if {
	not actor_ok
} else := "POLICY_VERSION_REQUIRED" if {
	not policy_version_ok
} else := "SECOND_FACTOR_REQUIRED" if {
	not second_factor_ok
} else := "STEP_UP_REQUIRED" if {
	not step_up_ok
} else := "SCOPE_MISSING" if {
	not granted
} else := "CROSS_AGENCY_NOT_ALLOWED" if {
	input.cross_agency
	not crossing_ok
} else := "ACCESS_REASON_REQUIRED" if {
	not tenancy_ok
	crossing_ok
} else := "AGENCY_REQUIRED" if {
	not tenancy_ok
} else := "MODULE_DISABLED" if {
	not module_ok
}

method := data.fleet.methods[input.method]

actor_ok if method.actors[input.actor]

policy_version_ok if input.actor != "ai"

policy_version_ok if input.policy_version

second_factor_ok if input.actor != "human"

second_factor_ok if input.acr == "2"

step_up_ok if not method.step_up

step_up_ok if {
	input.auth_time > 0
	input.now - input.auth_time <= step_up_window
}

# A scope counts only when the token holds it and a role of the caller carries it.
granted if {
	some scope, _ in method.scopes
	input.scopes[scope]
	reachable(scope)
	some role, _ in input.roles
	data.fleet.roles[role].scopes[scope]
}

granted if {
	method.any_authenticated
	some role, _ in input.roles
	data.fleet.roles[role]
}

# An AI agent inherits a scope of its delegator only when the list of what AI may do has it.
reachable(_) if input.actor != "ai"

reachable(scope) if data.fleet.ai_allowed_scopes[scope]

# Only a role that the table lets cross may, and never on a call that works on one agency.
crossing_ok if {
	method.tenancy != "agency"
	some role, _ in input.roles
	data.fleet.roles[role].cross_agency
}

tenancy_ok if {
	input.cross_agency
	input.access_reason
	crossing_ok
}

tenancy_ok if {
	not input.cross_agency
	input.agency_id > 0
}

tenancy_ok if {
	not input.cross_agency
	method.tenancy == "platform"
}

module_ok if not input.disabled_modules[method.module]
