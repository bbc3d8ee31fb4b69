module alerter/peers/typescript

go 1.26.8

require alerter v0.0.0

replace alerter => ../..
