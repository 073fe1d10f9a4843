package images

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// bomMediaType is the media type of a CycloneDX document in JSON, as IANA registers it.
const bomMediaType = "application/vnd.cyclonedx+json"

// billOfMaterials lists what is in a binary as the linker recorded it: not what a go.mod asks for, but what was linked.
func (s Source) billOfMaterials(t Target, binary []byte) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("images: %s: %w", t.Name, err)
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp: s.Time.Format(time.RFC3339),
		Component: &cdx.Component{
			Type: cdx.ComponentTypeApplication, BOMRef: info.Path, Name: info.Path, Version: s.Revision,
		},
	}
	components := []cdx.Component{{
		Type: cdx.ComponentTypePlatform, BOMRef: "pkg:golang/std@" + info.GoVersion, Name: "std",
		Version: strings.TrimPrefix(info.GoVersion, "go"), PackageURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"),
	}}
	for _, m := range info.Deps {
		components = append(components, component(m))
	}
	bom.Components = &components
	var out bytes.Buffer
	err = cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	return out.Bytes(), err
}

func component(m *debug.Module) cdx.Component {
	linked := m
	if m.Replace != nil && m.Replace.Version != "" {
		linked = m.Replace
	}
	url := "pkg:golang/" + linked.Path + "@" + linked.Version
	c := cdx.Component{Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: linked.Path, Version: linked.Version, PackageURL: url}
	if linked.Sum != "" {
		c.Properties = &[]cdx.Property{{Name: "go:sum", Value: linked.Sum}}
	}
	return c
}
