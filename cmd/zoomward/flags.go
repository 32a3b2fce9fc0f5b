package main

import (
	"flag"
)

// commonFlags are the flags of every command. They are kept as text: checking is the config's business, so that a wrong value reads the same wherever it
// stands.
type commonFlags struct {
	config, instance, db, logLevel, logFormat, asOf string
}

func (c *commonFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&c.config, "config", "", "")
	fs.StringVar(&c.instance, "instance", "", "")
	fs.StringVar(&c.db, "db", "", "")
	fs.StringVar(&c.logLevel, "log-level", "", "")
	fs.StringVar(&c.logFormat, "log-format", "", "")
	fs.StringVar(&c.asOf, "as-of", "", "")
}

// given returns the values of the common flags that were on the command line, by config key.
func (c *commonFlags) given(fs *flag.FlagSet) map[string]string {
	keys := map[string]string{"config": keyConfig, "instance": keyInstance, "db": keyDB, "log-level": keyLogLevel, "log-format": keyLogFormat, "as-of": keyAsOf}
	out := map[string]string{}
	fs.Visit(func(f *flag.Flag) {
		if key, ok := keys[f.Name]; ok {
			out[key] = f.Value.String()
		}
	})
	return out
}
