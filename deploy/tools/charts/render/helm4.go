package render

import (
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
)

// Helm4 renders as Helm 4.
func Helm4(r Request) (map[string]string, error) {
	c, err := load4(r.Chart)
	if err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{Name: c.Name(), Namespace: r.Namespace, Revision: 1, IsInstall: !r.Upgrade, IsUpgrade: r.Upgrade}
	caps := common.DefaultCapabilities.Copy()
	caps.KubeVersion = common.KubeVersion{Version: "v1.33.0", Major: "1", Minor: "33"}
	values, err := util.ToRenderValuesWithSchemaValidation(c, Merge(r.Values...), options, caps, r.SkipSchema)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, values)
}

func load4(folder string) (*chart.Chart, error) {
	c, err := loader.LoadDir(folder)
	if err != nil {
		return nil, err
	}
	c.SetDependencies()
	beside, err := dependencies(folder)
	if err != nil {
		return nil, err
	}
	for _, d := range beside {
		lib, err := loader.LoadDir(d)
		if err != nil {
			return nil, err
		}
		c.AddDependency(lib)
	}
	return c, nil
}
