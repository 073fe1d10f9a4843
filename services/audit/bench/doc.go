// Package bench measures what the log costs against a bare COPY of the same rows, in interleaved rounds of one run.
package bench
