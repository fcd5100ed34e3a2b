using System.Runtime.InteropServices;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Checkers;

namespace Mandos.Server.Tests.Checkers;

public sealed partial class ForbiddenFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mandos-forbidden-");

    public void Dispose()
    {
        _folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_parent_directory_that_cannot_be_listed_is_forbidden_as_a_whole()
    {
        var state = _folder.CreateSubdirectory("state").FullName;
        Assert.True(LandlockRuleset.Create(out var created).Ok);
        using var ruleset = created!;
        var forbidden = new ForbiddenFiles(state, state);
        _folder.UnixFileMode = UnixFileMode.UserExecute | UnixFileMode.OtherExecute;

        Assert.Null(FailureAsOther(() => forbidden.AllowOthers(ruleset)));
    }

    /// <summary>Root may list everything, so the thread becomes another user for files.</summary>
    private static Exception? FailureAsOther(Action act)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            if (Environment.IsPrivilegedProcess)
                _ = BecomeForFiles(65534);
            failure = Record.Exception(act);
        });
        thread.Start();
        thread.Join();
        return failure;
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int BecomeForFiles(uint user);
}
