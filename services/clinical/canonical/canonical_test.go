package canonical_test

import (
	"testing"

	"github.com/fusionems/quantum/services/clinical/canonical"
)

func TestEqual(t *testing.T) {
	if same, err := canonical.Equal([]byte(`<a b="1" c="2"/>`), []byte(`<?xml version="1.0"?><a c='2' b='1'></a>`)); err != nil || !same {
		t.Errorf("two ways to write one document: %v, %v", same, err)
	}
	if same, err := canonical.Equal([]byte(`<a>1</a>`), []byte(`<a>2</a>`)); err != nil || same {
		t.Errorf("two documents: %v, %v", same, err)
	}
}
