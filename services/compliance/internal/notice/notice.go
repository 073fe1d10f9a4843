package notice

import (
	"crypto/sha256"
	_ "embed" // the wordings are files, byte for byte
	"encoding/hex"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
)

var (
	//go:embed texts/dea.v1.txt
	dea string
	//go:embed texts/cms.v1.txt
	cms string
)

// Reasons of refusals.
const (
	ReasonNotAcknowledged = "NOTICE_NOT_ACKNOWLEDGED"
	ReasonOutdated        = "NOTICE_OUTDATED"
)

// Notice is one wording.
type Notice struct {
	Workspace string
	Version   int32
	Text      string
	SHA256    string
}

// Acknowledgement is whether and when the caller acknowledged a wording.
type Acknowledgement struct {
	Notice
	Time *time.Time
}

// Current is the wording in force for a workspace.
func Current(workspace string) Notice {
	text := map[string]string{"dea": dea, "cms": cms}[workspace]
	sum := sha256.Sum256([]byte(text))
	return Notice{Workspace: workspace, Version: 1, Text: text, SHA256: hex.EncodeToString(sum[:])}
}

// Matches refuses the acknowledgement of anything but the wording in force.
func (n Notice) Matches(version int32, sum string) error {
	if version == n.Version && sum == n.SHA256 {
		return nil
	}
	return errs.New(errs.Conflict, ReasonOutdated, "this is not the notice in force; read it again",
		errs.WithFields(errs.Field{Field: "sha256", Rule: "notice.current", Message: "version and hash of the notice as it is served now"}))
}

// NotAcknowledged is the answer of every call of the workspace until its notice is acknowledged.
func (n Notice) NotAcknowledged() error {
	return errs.New(errs.Denied, ReasonNotAcknowledged, "read and acknowledge the notice of the workspace first: GET /api/"+n.Workspace+"/notice",
		errs.WithMeta("workspace", n.Workspace))
}
