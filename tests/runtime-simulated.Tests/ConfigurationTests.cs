namespace Modular.Plugins.RuntimeSimulated.Tests;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("""{"life": []}""", "no setting 'life'")]
    [InlineData("""{"lives": {}}""", "lives must be a list")]
    [InlineData("""{"addressRange": 1}""", "addressRange must be a string")]
    [InlineData("""{"lives": [{"selector": {"app": "a"}}]}""", "lives[0] must be an object with at least a state")]
    [InlineData("""{"lives": [{"state": "Exited"}, {"state": "Paused"}]}""", "lives[1].state must be Running or Exited, not 'Paused'")]
    [InlineData("""{"lives": [{"state": "Exited", "selector": {"app": 1}}]}""", "lives[0].selector.app must be a string")]
    [InlineData("""{"lives": [{"state": "Exited", "afterSeconds": -1}]}""", "lives[0].afterSeconds must be a number from 0")]
    [InlineData("""{"lives": [{"state": "Exited", "exitCode": 256}]}""", "lives[0].exitCode must be a whole number from 0 to 255")]
    [InlineData("""{"lives": [{"state": "Running", "exitCode": 1}]}""", "lives[0].exitCode goes with state Exited only")]
    [InlineData("""{"lives": [{"state": "Exited", "when": 1}]}""", "no field 'when' (lives[0])")]
    public void What_is_wrong_is_named(string configuration, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => RuntimeFixture.Read(configuration)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("127.0.0.0")]
    [InlineData("::1/64")]
    [InlineData("10.0.0.0/31")]
    public void A_range_that_is_none_is_named(string range) =>
        Assert.Contains(range, Assert.Throws<FormatException>(() => new AddressPool(range)).Message, StringComparison.Ordinal);
}
