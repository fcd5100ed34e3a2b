using Mandos.BusClient;
using Mandos.Control.Actions;
using Mandos.Control.Listing;

namespace Mandos.Control;

/// <summary>Tests without a server whether this build of the program works here: <c>--check</c>.</summary>
internal static class SelfTest
{
    /// <summary>Runs it; what fails is reported.</summary>
    internal static bool Run(TextWriter error)
    {
        var client = new ClientState("/clients/a", new() { ["Name"] = "a", ["Enabled"] = true, ["Timeout"] = 93_785_000L });
        using var table = new StringWriter();
        PlainTable.Write([client], ClientColumn.Usual, static text => text, static text => text.Length, table);
        using var dump = new StringWriter();
        PropertyDump.Write([client], dump);
        return Expect("the table", table.ToString().Split('\n')[1].TrimEnd(), "a    Yes     1T02:03:05")
            && Expect("a duration", Values.Duration("P1DT2H3M5S", "").TotalMilliseconds.ToString("F0", null), "93785000")
            && Expect("JSON", dump.ToString().Split(',')[0], "{\n    \"a\": {\n        \"Name\": \"a\"");

        bool Expect(string what, string actual, string expected)
        {
            if (actual == expected)
                return true;
            error.WriteLine($"mandos-ctl: error: self test of {what}: '{actual}' instead of '{expected}'");
            return false;
        }
    }
}
