module github.com/fusionems/quantum/proto

go 1.26.0

