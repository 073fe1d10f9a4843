package nemsis_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"testing"
)

func benchmarkFiles(b *testing.B) (docs [][]byte, size int64) {
	for _, f := range officialFiles(b, "ems/full/*.xml", "ems/national/*.xml", "ems/sample/*.xml") {
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		docs = append(docs, data)
		size += int64(len(data))
	}
	return docs, size
}

// BenchmarkImport reads, validates and keeps every published chart.
func BenchmarkImport(b *testing.B) {
	docs, size := benchmarkFiles(b)
	r := newReader(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range docs {
			if _, err := r.Read(d); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkTokenLoop is what it is measured against: the tokens of
// encoding/xml over the same bytes, and nothing done with them.
func BenchmarkTokenLoop(b *testing.B) {
	docs, size := benchmarkFiles(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range docs {
			dec := xml.NewDecoder(bytes.NewReader(d))
			for {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
