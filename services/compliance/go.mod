module github.com/fusionems/quantum/services/compliance

go 1.26.0

require (
	github.com/fusionems/quantum/proto v0.0.0
	github.com/fusionems/quantum/pkg v0.0.0
)

replace (
	github.com/fusionems/quantum/proto => ../../proto
	github.com/fusionems/quantum/pkg => ../../pkg
)
require (
	github.com/google/uuid v1.6.0
	github.com/jackc/pgx/v5 v5.12.0
)
