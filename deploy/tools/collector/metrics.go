//go:build metrics

package main

import "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"

func init() {
	receivers = append(receivers, prometheusreceiver.NewFactory())
}
