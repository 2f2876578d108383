"""Calibration: what public series and a joinedup record say of a model's parameters.

`fit` has exact or nearly exact posteriors of stays, rates and shares, with stays not yet over
counted as such; `record` reads them from FHIR; `census` starts a network from who is here today;
`matching` weighs draws by how near they come to past series, `from_series` does so for a place;
`informed` puts what a record says into a model; `backcast` predicts winters left out.
"""
