using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Volumes;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class SubPathTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mod-subpath-").FullName;

    public SubPathTests() => Directory.CreateDirectory(Volume);

    private string Volume => Path.Combine(_root, "volume");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_part_that_is_missing_is_made_with_the_volume_s_permissions()
    {
        const UnixFileMode everybody = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(Volume, everybody);
        Assert.Equal(Path.Combine(Volume, "a", "b"), SubPath.Resolve(Volume, "a//./b", create: true));
        Assert.Equal(everybody, File.GetUnixFileMode(Path.Combine(Volume, "a", "b")));
    }

    [Fact]
    public void A_part_may_be_a_file()
    {
        File.WriteAllText(Path.Combine(Volume, "file"), "");
        Assert.Equal(Path.Combine(Volume, "file"), SubPath.Resolve(Volume, "file", create: true));
        Assert.Throws<IOException>(() => SubPath.Resolve(Volume, "file/below", create: true));
    }

    [Fact]
    public void Links_within_the_volume_are_followed_to_what_they_lead_to()
    {
        Directory.CreateDirectory(Path.Combine(Volume, "real", "deep"));
        File.CreateSymbolicLink(Path.Combine(Volume, "link"), "real");
        File.CreateSymbolicLink(Path.Combine(Volume, "real", "up"), "../real/deep");
        Assert.Equal(Path.Combine(Volume, "real", "deep"), SubPath.Resolve(Volume, "link/up", create: false));
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("../outside")]
    [InlineData("inner/../../outside")]
    [InlineData("loop")]
    public void Links_out_of_the_volume_are_not_followed(string target)
    {
        Directory.CreateDirectory(Path.Combine(_root, "outside"));
        Directory.CreateDirectory(Path.Combine(Volume, "inner"));
        File.CreateSymbolicLink(Path.Combine(Volume, "loop"), "loop");
        File.CreateSymbolicLink(Path.Combine(Volume, "link"), target);
        Assert.Throws<IOException>(() => SubPath.Resolve(Volume, "link/new", create: true));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "outside")));
        Assert.False(Path.Exists(Path.Combine(_root, "new")));
    }

    [Theory]
    [InlineData("/abs", "", "must not be an absolute path")]
    [InlineData("a/../b", "", "must not contain '..'")]
    [InlineData("", "$(MISSING)", "missing value for \"MISSING\"")]
    [InlineData("", "$(UP)/x", "must not contain '..'")]
    public void Mounts_that_lead_astray_are_refused(string part, string expression, string why)
    {
        var error = Assert.Throws<ContainerConfigException>(() => Mount(part, expression, asLinks: false));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_says_what_it_must_stay_beneath()
    {
        var mount = Mount("", "$(POD)/logs", asLinks: false);
        Assert.Equal((Path.Combine(Volume, "web", "logs"), Volume), (mount.HostPath, mount.Beneath));
        Assert.Equal("", Mount("", "", asLinks: false).Beneath);
    }

    [Fact]
    public void A_mount_of_a_file_that_is_exchanged_leads_to_the_file_of_now_and_a_link_to_the_later_ones_too()
    {
        AtomicDirectory.Write(Volume, [new VolumeFile("a", [1], UnixFileMode.UserRead)], group: null, DateTimeOffset.UnixEpoch);
        var data = new FileInfo(Path.Combine(Volume, "..data")).LinkTarget!;
        Assert.Equal(Path.Combine(Volume, data, "a"), Mount("a", "", asLinks: false, readOnly: true).HostPath);
        Assert.Equal(Path.Combine(Volume, "a"), Mount("a", "", asLinks: true, readOnly: true).HostPath);
        Assert.Throws<ContainerConfigException>(() => Mount("b", "", asLinks: false, readOnly: true));
    }

    private Abstractions.ContainerMount Mount(string part, string expression, bool asLinks, bool readOnly = false) => Assert.Single(VolumeMounts.Of(
        new Container { Name = "main", VolumeMounts = [new VolumeMount { Name = "data", MountPath = "/data", SubPath = part, SubPathExpr = expression }] },
        new Dictionary<string, PodVolume> { ["data"] = new(Volume, readOnly) },
        new Dictionary<string, string> { ["POD"] = "web", ["UP"] = ".." },
        asLinks));
}
