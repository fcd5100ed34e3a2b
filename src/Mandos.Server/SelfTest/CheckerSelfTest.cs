using Mandos.Core.Durations;
using Mandos.Core.Secrets;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;

namespace Mandos.Server.SelfTest;

/// <summary>Tests that checker commands are expanded, with every attribute as one word of the shell.</summary>
internal static class CheckerSelfTest
{
    internal static void Run()
    {
        using var secret = new ClientSecret(SecretBuffer.CopyOf("secret"u8));
        var client = new ClientState
        {
            Name = "web",
            Secret = secret,
            Settings = new()
            {
                Host = "it's; a \"host\" $HOME",
                Checker = "check %(name)s -t %(timeout)s 100%% -- %(host)s",
                Timeout = new Duration(TimeSpan.FromMinutes(5)),
            },
        };
        SelfTestFailure.UnlessSame(
            "check web -t 0:05:00 100% -- 'it'\"'\"'s; a \"host\" $HOME'",
            CheckerCommand.Expand(client, dbusObjectPath: null).Command,
            "command");
        var wrong = client with { Settings = client.Settings with { Checker = "check %(nosuch)s" } };
        SelfTestFailure.Unless(
            CheckerCommand.Expand(wrong, dbusObjectPath: null).Problem is not null, "an attribute that does not exist is filled in");
    }
}
