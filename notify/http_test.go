package notify

import (
	"net/netip"
	"testing"
)

func TestAddressesInsideTheNetworkAreTold(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1": true, "127.8.8.8": true, "::1": true, "0.0.0.0": true, "::": true,
		"10.1.2.3": true, "172.16.0.1": true, "172.31.255.255": true, "192.168.1.1": true, "100.64.0.1": true,
		"169.254.169.254": true, "fe80::1": true, "fe80::1%eth0": true, "fd00::1": true, "fec0::1": true,
		"224.0.0.1": true, "ff02::1": true, "255.255.255.255": true, "240.0.0.1": true, "198.18.0.1": true,
		"::ffff:10.0.0.1": true, "::ffff:127.0.0.1": true, "64:ff9b::a00:1": true, "2002:a00:1::": true, "2001:0:a00:1::": true,
		"8.8.8.8": false, "172.32.0.1": false, "100.128.0.1": false, "2606:4700::1111": false, "2001:4860:4860::8888": false,
		"::ffff:8.8.8.8": false,
	} {
		if got := private(netip.MustParseAddr(address)); got != want {
			t.Errorf("private(%s): got %v, want %v", address, got, want)
		}
	}
}

func TestDiallerRefusesWhatTheNameResolvedTo(t *testing.T) {
	t.Parallel()
	// The dialler hands over the address it is about to connect to, whatever name led there.
	if err := refusePrivate("tcp4", "169.254.169.254:80", nil); err == nil {
		t.Error("got no error for the metadata address, want one")
	}
	if err := refusePrivate("tcp6", "[2606:4700::1111]:443", nil); err != nil {
		t.Errorf("got %v for a public address, want none", err)
	}
	if err := refusePrivate("tcp", "not an address", nil); err == nil {
		t.Error("got no error for nonsense, want one")
	}
}
