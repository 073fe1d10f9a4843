package nemsis

// Rules a document can break. The names are stable: they appear in answers.
const (
	RuleSize       = "nemsis.xml.size"
	RuleEmpty      = "nemsis.xml.empty"
	RuleEncoding   = "nemsis.xml.encoding"
	RuleDoctype    = "nemsis.xml.doctype"
	RuleEntity     = "nemsis.xml.entity"
	RuleWellFormed = "nemsis.xml.well_formed"
	RuleNamespace  = "nemsis.xml.namespace"
	RuleDepth      = "nemsis.xml.depth"
	RuleRoot       = "nemsis.xml.root"

	RuleMissingMandatory = "nemsis.xsd.missing_mandatory"
	RuleMissingElement   = "nemsis.xsd.missing_element"
	RuleUnexpected       = "nemsis.xsd.unexpected_element"
	RuleOrder            = "nemsis.xsd.element_order"
	RuleTooMany          = "nemsis.xsd.too_many"
	RuleText             = "nemsis.xsd.text_not_allowed"
	RuleAttribute        = "nemsis.xsd.unexpected_attribute"
	RuleMissingAttribute = "nemsis.xsd.missing_attribute"
	RuleNotValue         = "nemsis.xsd.not_value"
	RulePertinent        = "nemsis.xsd.pertinent_negative"
	RuleNil              = "nemsis.xsd.nil"
	RuleXSIType          = "nemsis.xsd.xsi_type"
	RuleEnumeration      = "nemsis.xsd.enumeration"
	RulePattern          = "nemsis.xsd.pattern"
	RuleLength           = "nemsis.xsd.length"
	RuleRange            = "nemsis.xsd.range"
	RuleDigits           = "nemsis.xsd.digits"
	RuleDataType         = "nemsis.xsd.datatype"

	// Findings on accepted documents, and RuleVersion also refuses what is neither 3.4 nor 3.5; those that follow a national Schematron
	// rule carry its name instead, "nemSch_e001".
	RuleVersion    = "nemsis.version"
	RuleEmptyValue = "nemsis.value.empty"
	RuleTimeOrder  = "nemsis.times.order"
)
