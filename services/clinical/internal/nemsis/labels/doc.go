// Command labels writes what codes are called, for the portal: the code lists of the elements that facts hold, from package
// structure, and the defined lists of impressions, symptoms, medications and procedures, which NEMSIS publishes apart from
// its schema.
package main

//go:generate go run . -lists ../../../../../../shared/data/codelists -out ../../../../../gateway/portal/src/features/charts/nemsis/gen/labels.ts
