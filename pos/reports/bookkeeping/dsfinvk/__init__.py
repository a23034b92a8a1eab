"""The cash data of a location in Germany as the DSFinV-K orders them: closings, bons and their files. Nothing is signed."""
