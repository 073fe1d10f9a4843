module github.com/fusionems/quantum/deploy/tools/helm4

go 1.26
