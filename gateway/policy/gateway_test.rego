package fleet.gateway_test

import data.fleet.gateway

methods := {
	"/t.S/Read": {
		"access": "read", "actors": {"human": true}, "any_authenticated": false, "module": "qa",
		"scopes": {"qa:read": true, "qa:governance": true}, "step_up": false, "tenancy": "agency_or_cross",
	},
	"/t.S/Write": {
		"access": "write", "actors": {"human": true}, "any_authenticated": false, "module": "",
		"scopes": {"governance:write": true}, "step_up": true, "tenancy": "platform",
	},
	"/t.S/Import": {
		"access": "write", "actors": {"integration": true}, "any_authenticated": false, "module": "clinical",
		"scopes": {"epcr:import": true}, "step_up": false, "tenancy": "agency",
	},
	"/t.S/Own": {
		"access": "read", "actors": {"human": true}, "any_authenticated": false, "module": "",
		"scopes": {"qa:read": true}, "step_up": false, "tenancy": "agency",
	},
	"/t.S/Me": {
		"access": "read", "actors": {"ai": true, "human": true, "integration": true}, "any_authenticated": true,
		"module": "", "scopes": {}, "step_up": false, "tenancy": "platform",
	},
	"/t.S/Assist": {
		"access": "read", "actors": {"ai": true, "human": true}, "any_authenticated": false, "module": "",
		"scopes": {"qa:read": true, "governance:write": true}, "step_up": false, "tenancy": "agency",
	},
}

roles := {
	"founder": {"scopes": {"qa:read": true, "qa:governance": true, "governance:write": true}, "cross_agency": true, "machine": false},
	"qa_reviewer": {"scopes": {"qa:read": true}, "cross_agency": false, "machine": false},
	"billing_staff": {"scopes": {"billing:read": true}, "cross_agency": false, "machine": false},
	"integration": {"scopes": {"epcr:import": true}, "cross_agency": false, "machine": true},
}

reviewer := {
	"method": "/t.S/Read", "actor": "human", "acr": "2", "roles": {"qa_reviewer": true}, "scopes": {"qa:read": true},
	"agency_id": 7, "cross_agency": false, "access_reason": false, "policy_version": false,
	"auth_time": 1000, "now": 1100, "disabled_modules": {},
}

founder := object.union(reviewer, {
	"roles": {"founder": true}, "agency_id": 0,
	"scopes": {"qa:read": true, "qa:governance": true, "governance:write": true},
})

machine := object.union(reviewer, {
	"method": "/t.S/Import", "actor": "integration", "acr": "1", "auth_time": 0,
	"roles": {"integration": true}, "scopes": {"epcr:import": true},
})

agent := object.union(reviewer, {"actor": "ai", "acr": "", "method": "/t.S/Assist", "policy_version": true})

permits(request) if {
	gateway.allow with input as request
		with data.fleet.methods as methods
		with data.fleet.roles as roles
		with data.fleet.ai_allowed_scopes as {"qa:read": true}
	not why(request)
}

refuses(request, reason) if {
	not permits(request)
	why(request) == reason
}

why(request) := reason if {
	reason := gateway.reason with input as request
		with data.fleet.methods as methods
		with data.fleet.roles as roles
		with data.fleet.ai_allowed_scopes as {"qa:read": true}
}

but(request, change) := object.union(request, change)

# object.union merges nested objects; a replaced set must first be taken away.
with_scopes(request, scopes) := object.union(object.remove(request, ["scopes"]), {"scopes": scopes})

with_roles(request, names) := object.union(object.remove(request, ["roles"]), {"roles": names})

test_reviewer_reads if permits(reviewer)

test_unknown_method if refuses(but(reviewer, {"method": "/t.S/Nothing"}), "METHOD_UNKNOWN")

test_nothing_given_is_denied if {
	not gateway.allow with input as {}
	gateway.reason == "METHOD_UNKNOWN" with input as {}
}

test_actor if refuses(but(reviewer, {"actor": "integration"}), "ACTOR_NOT_ALLOWED")

test_service_actor_never_enters if refuses(but(reviewer, {"actor": "service"}), "ACTOR_NOT_ALLOWED")

test_second_factor if refuses(but(reviewer, {"acr": "1"}), "SECOND_FACTOR_REQUIRED")

test_machine_needs_no_second_factor if permits(machine)

test_scope_of_token_without_role if refuses(with_roles(reviewer, {"billing_staff": true}), "SCOPE_MISSING")

test_role_without_scope_of_token if refuses(with_scopes(reviewer, {"billing:read": true}), "SCOPE_MISSING")

test_unknown_role if refuses(with_roles(reviewer, {"emperor": true}), "SCOPE_MISSING")

test_union_of_roles if permits(but(reviewer, {"roles": {"billing_staff": true}}))

test_agency_required if refuses(but(reviewer, {"agency_id": 0}), "AGENCY_REQUIRED")

test_founder_names_an_agency if permits(but(founder, {"agency_id": 9}))

test_founder_without_agency_or_reason if refuses(founder, "ACCESS_REASON_REQUIRED")

test_founder_crosses_with_a_reason if permits(but(founder, {"cross_agency": true, "access_reason": true}))

test_founder_crosses_without_a_reason if refuses(but(founder, {"cross_agency": true}), "ACCESS_REASON_REQUIRED")

test_founder_may_not_cross_on_one_agency_calls if {
	refuses(but(founder, {"method": "/t.S/Own", "cross_agency": true, "access_reason": true}), "CROSS_AGENCY_NOT_ALLOWED")
}

test_reviewer_may_not_cross if {
	refuses(but(reviewer, {"cross_agency": true, "access_reason": true, "agency_id": 0}), "CROSS_AGENCY_NOT_ALLOWED")
}

test_module_off if refuses(but(reviewer, {"disabled_modules": {"qa": true}}), "MODULE_DISABLED")

test_other_module_off if permits(but(reviewer, {"disabled_modules": {"billing": true}}))

test_module_is_not_told_to_those_without_scope if {
	refuses(but(with_scopes(reviewer, {}), {"disabled_modules": {"qa": true}}), "SCOPE_MISSING")
}

test_step_up_recent if permits(but(founder, {"method": "/t.S/Write", "now": 1900}))

test_step_up_old if refuses(but(founder, {"method": "/t.S/Write", "now": 1901}), "STEP_UP_REQUIRED")

test_step_up_unknown_time if refuses(but(founder, {"method": "/t.S/Write", "auth_time": 0, "now": 100}), "STEP_UP_REQUIRED")

test_me_for_everybody if {
	permits(but(reviewer, {"method": "/t.S/Me", "agency_id": 0}))
	permits(but(machine, {"method": "/t.S/Me"}))
	permits(but(agent, {"method": "/t.S/Me"}))
}

test_me_not_without_a_role if refuses(with_roles(but(reviewer, {"method": "/t.S/Me"}), {}), "SCOPE_MISSING")

test_agent_within_the_list if permits(agent)

test_agent_without_policy_version if refuses(but(agent, {"policy_version": false}), "POLICY_VERSION_REQUIRED")

test_agent_beyond_the_list if {
	request := with_scopes(with_roles(agent, {"founder": true}), {"governance:write": true})
	refuses(request, "SCOPE_MISSING")
	permits(but(request, {"actor": "human", "acr": "2"}))
}
